import ArgumentParser
import Inspecting
import Retort
import Storing

/// Prints the log of a stage.
struct LogsCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs", abstract: "Print the log of a stage's last attempt.",
    discussion: """
      With -f it goes on printing until the stage is done, through all of its attempts, or until the run has ended. A \
      stage that waits for others is waited for.

      EXAMPLES
        retort logs teacher
        retort logs teacher -f
        retort logs teacher --run 12
      """)

  @Argument(help: "The stage's label.") var label: String
  @Option(help: "The run's number. (default: the newest in which the stage was at work)") var run: Int64?
  @Flag(name: .shortAndLong, help: "Go on printing until the stage is done.") var follow = false
  @OptionGroup var cache: CacheOptions

  func execute() async throws -> ProgramStatus {
    let cache = try Cache(FilePath(cache.cache), access: .reading)
    if follow, let live = try liveRun(in: cache) {
      var follower = LogFollower(cache: cache, label: label, run: live)
      try await follower.follow()
      return .fine
    }
    guard let path = try newest(in: cache) else { throw try unknown(in: cache) }
    var reader = try LogReader(path)
    Streams.output(try reader.more())
    return .fine
  }

  /// The newest run that is going on and has the stage.
  private func liveRun(in cache: Cache) throws -> RunID? {
    let runs = try run.map { [try cache.run(RunID($0))] } ?? cache.runs(limit: 20)
    for case let run? in runs where run.outcome == .running {
      let hasLog = try !cache.logs(of: label, in: run.id).isEmpty
      // Stages inside others are recorded when the run ends: until then their logs alone tell of them.
      if try hasLog || cache.runSteps(of: run.id)?.step(labelled: label)?.outcome == .pending { return run.id }
    }
    return nil
  }

  /// The newest log of the label.
  private func newest(in cache: Cache) throws -> FilePath? {
    let runs = try run.map { number in [RunID(number)] } ?? cache.runs(limit: 200).map(\.id)
    for run in runs {
      if let path = try cache.logs(of: label, in: run).last { return path }
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
