import ArgumentParser
import Inspecting
import Retort
import Storing

/// Prints the log of a stage.
struct LogsCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs", abstract: "Print the log of a stage's last attempt.",
    discussion: """
      With -f it goes on printing until the run has ended.

      EXAMPLES
        retort logs teacher
        retort logs teacher -f
        retort logs teacher --run 12
      """)

  @Argument(help: "The stage's label.") var label: String
  @Option(help: "The run's number. (default: the newest in which the stage was at work)") var run: Int64?
  @Flag(name: .shortAndLong, help: "Go on printing while the run lasts.") var follow = false
  @OptionGroup var cache: CacheOptions

  func execute() async throws -> ProgramStatus {
    let cache = try Cache(FilePath(cache.cache), access: .reading)
    guard var (run, path) = try newest(in: cache) else { throw try unknown(in: cache) }
    var reader = try LogReader(path)
    Streams.output(try reader.more())
    while follow, try isLive(run, in: cache) {
      try await Task.sleep(for: .milliseconds(250))
      Streams.output(try reader.more())
      // Another attempt, or another run, has a log of its own.
      if let (newest, newestPath) = try newest(in: cache), newestPath != path {
        (run, path) = (newest, newestPath)
        reader = try LogReader(path)
      }
    }
    if follow { Streams.output(try reader.more()) }
    return .fine
  }

  private func isLive(_ run: RunID, in cache: Cache) throws -> Bool { try cache.run(run)?.outcome == .running }

  /// The newest log of the label, with its run.
  private func newest(in cache: Cache) throws -> (RunID, FilePath)? {
    let runs = try run.map { number in [RunID(number)] } ?? cache.runs(limit: 200).map(\.id)
    for run in runs {
      if let path = try cache.logs(of: label, in: run).last { return (run, path) }
    }
    return nil
  }

  private func unknown(in cache: Cache) throws -> RetortError {
    let runs = try run.map { [RunID($0)] } ?? cache.runs(limit: 20).map(\.id)
    var labels: [String] = []
    for run in runs {
      for step in try cache.steps(of: run) where !labels.contains(step.label) { labels.append(step.label) }
    }
    if labels.contains(label) {
      return RetortError(
        "logs.none", "The stage “\(label)” wrote no log" + (run.map { " in run \($0)." } ?? " in the last runs."),
        remedy: "Only a stage that is computed writes one: retort show \(label) says in which run that was.")
    }
    return RetortError(
      "usage.label", "No recent run has a stage “\(label)”.",
      remedy: Suggestion.hint(for: label, among: labels, noun: "stage"))
  }
}
