import Declaring
import Synchronization

/// What the scheduler holds of a running attempt: it can ask it to end, and in the end go on without it.
final class AttemptControl: Sendable {
  private enum Owner: Int {
    /// The body computes.
    case body
    /// The body ended, and its thread publishes or records.
    case ended
    /// The scheduler gave it up: whatever the body still does counts for nothing.
    case scheduler
  }

  /// Of the whole run.
  private let run: StopSignal
  /// Of this attempt alone.
  private let own = StopSignal()
  private let owner = Atomic<Int>(Owner.body.rawValue)
  private let reasons = Mutex<(ending: RetortError?, loss: RetortError?)>((nil, nil))
  private let attempt = Mutex<(any Attempt)?>(nil)

  init(run: StopSignal) { self.run = run }

  var level: StopLevel { max(run.level, own.level) }

  func stop() { own.raise(to: .now) }

  /// Asks it to end; where it does so, it has failed with `reason`. The first one counts.
  func stop(because reason: RetortError) {
    reasons.withLock { $0.ending = $0.ending ?? reason }
    stop()
  }

  /// It cannot have what it needs to go on: whatever its body still gives, it has failed with `reason`.
  func lose(because reason: RetortError) {
    reasons.withLock { $0.loss = $0.loss ?? reason }
    stop()
  }

  /// What it fails with where its body ends as cancelled; nil unless it was asked to end for a reason of its own.
  var reason: RetortError? { reasons.withLock { $0.ending } }
  /// What it fails with however its body ends.
  var loss: RetortError? { reasons.withLock { $0.loss } }

  func began(_ attempt: any Attempt) { self.attempt.withLock { $0 = attempt } }

  /// Called by the attempt's thread when the body has ended; false if the scheduler has given it up.
  func end() -> Bool { claim(.ended) }

  /// Called by the scheduler; returns false if the body has ended meanwhile.
  func giveUp() -> Bool { claim(.scheduler) }

  var isGivenUp: Bool { owner.load(ordering: .acquiring) == Owner.scheduler.rawValue }

  /// The attempt that was given up, to be recorded.
  var abandoned: (any Attempt)? { attempt.withLock { $0 } }

  private func claim(_ new: Owner) -> Bool {
    owner.compareExchange(
      expected: Owner.body.rawValue, desired: new.rawValue, ordering: .acquiringAndReleasing
    ).exchanged
  }
}
