import ArgumentParser
import Inspecting
import Retort

/// Lists the runs of a cache.
struct RunsCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs", abstract: "List what ran: when, with which options, and how it ended.",
    discussion: """
      EXAMPLES
        retort runs
        retort runs --limit 100 --pipeline sst2
        retort runs --json | jq 'select(.outcome == "failed").id'
      """)

  @Option(help: "How many runs to show, the newest first.") var limit = 20
  @Option(help: "Only the runs of this pipeline.") var pipeline: String?
  @OptionGroup var cache: CacheOptions
  @OptionGroup var output: JSONOption

  mutating func validate() throws {
    guard limit >= 1 else { throw ValidationError("--limit must be at least 1, and is \(limit).") }
  }

  func execute() async throws -> ProgramStatus {
    let inspector = try Inspector(at: FilePath(cache.cache))
    let runs =
      try pipeline.map { name in
        Array(try inspector.runs().lazy.filter { $0.request.pipeline == name }.prefix(limit))
      } ?? inspector.runs(limit: limit)
    if output.json {
      for run in runs { Streams.outputLine(try Inspecting.JSONText.line(run)) }
    } else if runs.isEmpty {
      Streams.errorLine("Nothing ran yet with the cache “\(cache.cache)”.")
    } else {
      Streams.output(
        table(runs).lines(width: Terminal.output.width, style: Terminal.output.style).joined(separator: "\n") + "\n")
    }
    return .fine
  }

  private func table(_ runs: [RunRecord]) -> Table {
    Table(
      [
        .init("run", isNumber: true), .init("started"), .init("pipeline"), .init("outcome"),
        .init("ran", isNumber: true),
        .init("cached", isNumber: true), .init("failed", isNumber: true, dispensability: 2),
        .init("took", isNumber: true, dispensability: 1), .init("options"),
      ],
      rows: runs.map { run in
        let options = run.request.options.sorted { $0.key < $1.key }.filter { !$0.value.isEmpty }
        return [
          "\(run.id)", LocalTime.text(run.request.startedAt), run.request.pipeline, run.outcome.rawValue, "\(run.ran)",
          "\(run.cached)", "\(run.failed)", run.finishedAt.map { Figures.duration($0 - run.request.startedAt) } ?? "–",
          options.map { "\($0.key)=\($0.value)" }.joined(separator: " "),
        ]
      })
  }
}
