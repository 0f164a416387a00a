import Declaring
import Synchronization

/// Lets a stage report every step and passes on what an eye can follow.
final class ProgressThrottle: Sendable {
  private struct State {
    var lastAt = -Double.infinity
    var held: Progress?
  }

  private let state = Mutex(State())
  private static let interval = 0.1

  /// The progress to show now, if it is time.
  func pass(_ progress: Progress) -> Progress? {
    let now = Clock.steady
    return state.withLock { state in
      let isLast = progress.total.map { progress.done >= $0 } ?? false
      guard isLast || now - state.lastAt >= Self.interval else {
        state.held = progress
        return nil
      }
      state.lastAt = now
      state.held = nil
      return progress
    }
  }

  /// The last progress, if it was held back.
  func rest() -> Progress? {
    state.withLock { state in
      defer { state.held = nil }
      return state.held
    }
  }
}
