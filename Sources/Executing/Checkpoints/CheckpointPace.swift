/// When the next snapshot of an attempt is due: by the end of the last one and what it took, so that all together take a
/// small part of the time. Seconds of any steady clock.
struct CheckpointPace: Sendable {
  private let schedule: Checkpointer.Schedule
  private var lastAt: Double
  /// What the last snapshot took, on both threads.
  private var cost = 0.0

  init(_ schedule: Checkpointer.Schedule, from start: Double) {
    self.schedule = schedule
    lastAt = start
  }

  func isDue(at now: Double) -> Bool { now - lastAt >= schedule.interval(cost: cost) }

  /// A snapshot was taken, while the attempt waited.
  mutating func took(from start: Double, to end: Double) {
    cost = end - start
    lastAt = end
  }

  /// It was written beside the attempt, or could not be: that took its time as well.
  mutating func wrote(from start: Double, to end: Double) {
    cost += end - start
    lastAt = end
  }
}
