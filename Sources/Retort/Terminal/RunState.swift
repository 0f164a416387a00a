import Declaring

/// What a run's view knows: counts, and how far each running stage is. Fed by events, drawn by views.
struct RunState: Sendable {
  var total = 0
  var cached = 0
  var finished = 0
  var failed = 0
  var skipped = 0
  /// Seconds on any steady clock.
  var startedAt: Double
  private(set) var running: [RunningStage] = []

  init(startedAt: Double) { self.startedAt = startedAt }

  /// Stages that need nothing more.
  var settled: Int { cached + finished + failed + skipped }

  mutating func start(_ label: String, at time: Double) {
    running.removeAll { $0.label == label }
    running.append(RunningStage(label: label, startedAt: time))
  }

  mutating func progress(_ label: String, _ progress: Progress, at time: Double) {
    guard let index = running.firstIndex(where: { $0.label == label }) else { return }
    running[index].note(progress, at: time)
  }

  /// Takes a stage off the list; returns it.
  @discardableResult
  mutating func end(_ label: String) -> RunningStage? {
    running.firstIndex { $0.label == label }.map { running.remove(at: $0) }
  }
}

/// A stage at work, with enough of its past to tell its rate.
struct RunningStage: Sendable {
  var label: String
  var startedAt: Double
  private(set) var progress: Progress?
  /// How the loss went since the phase began.
  private(set) var losses = LossHistory()
  /// Times and counts of the last seconds, oldest first.
  private var samples: [(time: Double, done: Double)] = []

  init(label: String, startedAt: Double) {
    self.label = label
    self.startedAt = startedAt
  }

  private static let window = 15.0
  private static let spacing = 0.25

  mutating func note(_ progress: Progress, at time: Double) {
    // A new phase counts anew.
    if let last = self.progress, last.unit != progress.unit || progress.done < last.done {
      samples = []
      losses = LossHistory()
    }
    self.progress = progress
    if let loss = progress.loss { losses.add(loss) }
    if let last = samples.last, samples.count > 1, time - last.time < Self.spacing {
      return
    }
    samples.append((time, progress.done))
    samples.removeAll { time - $0.time > Self.window }
  }

  /// Units a second over the last seconds; nil until two moments are known.
  var rate: Double? {
    guard let first = samples.first, let last = samples.last, last.time - first.time > 0.2, last.done > first.done
    else { return nil }
    return (last.done - first.done) / (last.time - first.time)
  }

  var share: Double? {
    guard let progress, let total = progress.total, total > 0 else { return nil }
    return min(max(progress.done / total, 0), 1)
  }

  /// Seconds until the end at the present rate.
  var remaining: Double? {
    guard let progress, let total = progress.total, let rate else { return nil }
    return max(0, total - progress.done) / rate
  }
}
