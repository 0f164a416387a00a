import Retort
import Storing

/// Prints the log of a stage at work as it grows, one attempt after the other.
struct LogFollower {
  let cache: Cache
  let label: String
  let run: RunID
  /// Takes what is printed.
  var print: (String) -> Void = Streams.output
  /// Seconds between two looks.
  var interval = 0.2
  /// How long after a failure another attempt may begin: longer than any pause between attempts.
  var patience = 75.0

  private var reader: LogReader?
  private var path: FilePath?
  private var failedSince: ContinuousClock.Instant?

  init(cache: Cache, label: String, run: RunID) { (self.cache, self.label, self.run) = (cache, label, run) }

  /// Returns once the stage succeeded or was interrupted, no other attempt follows a failed one, or the run ended.
  mutating func follow() async throws {
    while true {
      // Looked at before the log: what is written until then is printed below.
      let isOver = try isOver()
      try printNew()
      if isOver { return }
      try await Task.sleep(for: .seconds(interval))
    }
  }

  private mutating func printNew() throws {
    let logs = try cache.logs(of: label, in: run)
    // All attempts since the one that was followed, whole, and then what is new of the last one.
    let position = path.flatMap { logs.firstIndex(of: $0) } ?? max(0, logs.count - 1)
    for log in logs.dropFirst(position) {
      if log != path {
        (path, failedSince) = (log, nil)
        reader = try LogReader(log)
      }
      let text = try reader?.more() ?? ""
      if !text.isEmpty { print(text) }
    }
  }

  private mutating func isOver() throws -> Bool {
    guard try cache.run(run)?.outcome == .running else { return true }
    guard let path, try cache.logs(of: label, in: run).last == path, try cache.isComplete(log: path) else {
      return false
    }
    guard try cache.failure(of: path, in: run) != nil else { return true }
    let since = failedSince ?? .now
    failedSince = since
    return ContinuousClock.now - since > .seconds(patience)
  }
}
