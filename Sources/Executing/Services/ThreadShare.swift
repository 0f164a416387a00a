import Synchronization

/// Shares the run's compute threads out among the steps at work. Results never depend on it.
final class ThreadShare: Sendable {
  private let total: Int
  private let running = Atomic<Int>(0)
  private let used = Atomic<Int>(0)

  init(total: Int) { self.total = max(1, total) }

  func update(running: Int, usedCores: Int) {
    self.running.store(running, ordering: .relaxed)
    used.store(usedCores, ordering: .relaxed)
  }

  /// The threads of a step that was granted `cores`: those, and its part of what nobody asked for.
  func threads(cores: Int) -> Int {
    let running = max(1, running.load(ordering: .relaxed))
    let idle = max(0, total - used.load(ordering: .relaxed))
    return max(1, min(total, cores + idle / running))
  }
}
