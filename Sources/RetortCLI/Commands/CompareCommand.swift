import ArgumentParser
import Inspecting
import Retort
import Storing

/// Sets the figures of runs beside each other.
struct CompareCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Set the figures of runs beside each other.",
    discussion: """
      A row for each figure that a stage recorded, a column for each run; the best value has a star. Without runs, the \
      last ones of the pipeline that ran last. Figures of which more is neither better nor worse, such as numbers of \
      examples, are shown with --all or --metric.

      EXAMPLES
        retort compare
        retort compare 3 5 8 --metric accuracy
        retort compare --pipeline sst2 --limit 10 --json
      """)

  @Argument(help: "Numbers of runs. (default: the last ones of one pipeline)") var runs: [Int64] = []
  @Option(help: "Without runs: those of this pipeline. (default: that of the last run)") var pipeline: String?
  @Option(help: "Without runs: how many of the last ones.") var limit = 6
  @Option(help: "Only figures with this in their name, or that of their stage. May be repeated.") var metric: [String] =
    []
  @Flag(help: "All figures.") var all = false
  @OptionGroup var cache: CacheOptions
  @OptionGroup var output: JSONOption

  mutating func validate() throws {
    guard limit >= 1 else { throw ValidationError("--limit must be at least 1, and is \(limit).") }
    if !runs.isEmpty, pipeline != nil { throw ValidationError("--pipeline goes without numbers of runs.") }
  }

  func execute() async throws -> ProgramStatus {
    let inspector = try Inspector(at: FilePath(cache.cache))
    let found = try runs.isEmpty ? inspector.recentRuns(of: pipeline, limit: limit) : named(in: inspector)
    guard !found.isEmpty else {
      if !output.json { Streams.errorLine("No run came to an end yet with the cache “\(cache.cache)”.") }
      return .fine
    }
    var comparison = try inspector.comparison(of: found)
    if !metric.isEmpty {
      let wanted = metric.map { $0.lowercased() }
      let names = Set(comparison.figures.map(\.metric)).sorted()
      comparison.figures.removeAll { figure in !wanted.contains { figure.name.lowercased().contains($0) } }
      if comparison.figures.isEmpty {
        throw RetortError(
          "usage.metric", "No figure of these runs has “\(metric.joined(separator: "” or “"))” in its name.",
          remedy: Suggestion.hint(for: metric[0], among: names, noun: "figure"))
      }
    }
    let report = ComparisonReport(comparison, showsAll: all || !metric.isEmpty)
    if output.json {
      Streams.output(report.json)
    } else {
      Streams.output(report.text(.output))
    }
    return .fine
  }

  private func named(in inspector: Inspector) throws -> [RunRecord] {
    try runs.map { number in
      if let run = try inspector.cache.run(RunID(number)) { return run }
      throw RetortError("name.unknown", "There is no run \(number).", remedy: "“retort runs” lists the runs.")
    }
  }
}
