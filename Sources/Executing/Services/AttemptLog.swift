import Declaring
import Synchronization

/// The log of one attempt: each line is appended at once, so that a killed process has told everything.
final class AttemptLog: Sendable {
  private struct State {
    var file: OpenFile?
    var offset = 0
    var isBroken = false
  }

  private let attempt: any Attempt
  private let state = Mutex(State())

  init(of attempt: any Attempt) { self.attempt = attempt }

  /// Appends a line. A log that cannot be written is given up: it is worth no result.
  func append(_ line: String) {
    state.withLock { state in
      guard !state.isBroken else { return }
      do {
        let file = try state.file ?? attempt.openLog()
        if state.file == nil {
          state.file = file
          state.offset = try file.status().bytes
        }
        let bytes = Array((line + "\n").utf8)
        try file.write(bytes, at: state.offset)
        state.offset += bytes.count
      } catch {
        state.isBroken = true
      }
    }
  }

  /// Closes the file; a later line opens it again.
  func close() { state.withLock { $0.file = nil } }
}
