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
  private let timedOut = Atomic<Bool>(false)
  private let attempt = Mutex<(any Attempt)?>(nil)

  init(run: StopSignal) { self.run = run }

  var level: StopLevel { max(run.level, own.level) }
  var isTimedOut: Bool { timedOut.load(ordering: .relaxed) }

  func stop() { own.raise(to: .now) }

  func timeOut() {
    timedOut.store(true, ordering: .relaxed)
    own.raise(to: .now)
  }

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
