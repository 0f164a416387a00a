import ArgumentParser
import FoundationEssentials
import Inspecting
import Retort
import Storing

/// Removes what no recent run needs.
struct GarbageCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc", abstract: "Remove what no recent run needs.",
    discussion: """
      Keeps what the newest successful runs of each pipeline used, and whatever a live run uses. Safe beside live runs. The \
      dry run says what computing the rest again would cost.

      EXAMPLES
        retort gc --dry-run
        retort gc --keep-runs 1 --keep-days 7      the newest run, and those of a week
        retort gc --max-size 20GB --keep int8      what was not used for longest goes
        retort gc --forget-run 12                  as if run 12 had never been
      """)

  @Flag(help: "Only say what would be removed.") var dryRun = false
  @Option(help: "Of each pipeline, keep what its newest successful runs used: this many.") var keepRuns = 5
  @Option(help: "Also keep what runs of the last days used.") var keepDays: Double?
  @Option(
    help: ArgumentHelp("Also keep this artifact and all that it was made from. May be repeated.", valueName: "name"))
  var keep: [String] = []
  @Option(help: ArgumentHelp("What this run used needs another reason to stay. May be repeated.", valueName: "run"))
  var forgetRun: [Int64] = []
  @Option(
    help: ArgumentHelp(
      "Remove results that were used longest ago until the rest is this small: 500MB, 20GB.", valueName: "size"))
  var maxSize: ByteCount?
  @OptionGroup var cache: CacheOptions
  @OptionGroup var output: JSONOption

  mutating func validate() throws {
    guard keepRuns >= 0 else { throw ValidationError("--keep-runs must not be negative, and is \(keepRuns).") }
    if let keepDays, !(keepDays >= 0 && keepDays.isFinite) {
      throw ValidationError("--keep-days must be a number of days, and is \(keepDays).")
    }
    if keepRuns == 0, keepDays == nil, keep.isEmpty, !dryRun {
      throw ValidationError("--keep-runs 0 alone would remove everything; say with --keep-days or --keep what stays.")
    }
  }

  func execute() async throws -> ProgramStatus {
    let cache = try CacheFolder.openExisting(cache.cache)
    let inspector = Inspector(cache)
    var policy = CollectionPolicy(runs: keepRuns)
    policy.since = keepDays.map { Date.now.timeIntervalSince1970 - $0 * 86_400 }
    policy.roots = try keep.map { try inspector.artifact($0).digest }
    policy.forgottenRuns = Set(forgetRun.map { RunID($0) })
    for run in policy.forgottenRuns where try cache.run(run) == nil {
      throw RetortError("name.unknown", "There is no run \(run.value).", remedy: "List the runs with  retort runs")
    }
    policy.largestSize = maxSize?.bytes
    let report = try cache.gc(dryRun: dryRun, keeping: policy)
    if output.json {
      Streams.outputLine(try Inspecting.JSONText.line(report))
    } else {
      Streams.output(Self.text(report, .output))
    }
    return .fine
  }

  private static func text(_ report: CollectionReport, _ terminal: Terminal) -> String {
    let verb = report.isDryRun ? "Would remove" : "Removed"
    let parts = [
      (report.artifacts, "artifact", "artifacts"), (report.executions, "record", "records"),
      (report.checkpoints, "checkpoint", "checkpoints"),
      (report.staging, "unfinished attempt's folder", "unfinished attempts' folders"),
      (report.logs, "folder of logs", "folders of logs"),
    ].filter { $0.0 > 0 }.map { Figures.counted($0.0, $0.1, $0.2) }
    guard !parts.isEmpty else { return "There is nothing to remove.\n" }
    var lines = ["\(verb) \(parts.joined(separator: ", ")): \(Figures.bytes(report.bytes))."]
    if report.executions > 0 {
      lines.append("Computing the results again would take \(Figures.duration(report.seconds)), as it did.")
    }
    if report.isDryRun, !report.costs.isEmpty {
      let columns: [Table.Column] = [
        .init("stage"), .init("results", isNumber: true), .init("bytes", isNumber: true), .init("time", isNumber: true),
      ]
      let rows = report.costs.prefix(12).map {
        [$0.stage, Figures.count($0.executions), Figures.bytes($0.bytes), Figures.duration($0.seconds)]
      }
      lines += [""] + Table(columns, rows: rows).lines(width: terminal.width, style: terminal.style)
      if report.costs.count > rows.count { lines.append("and \(report.costs.count - rows.count) more stages") }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

/// Caches for commands that change one, but make none.
enum CacheFolder {
  static func openExisting(_ folder: String) throws -> Cache {
    // Opening for reading says clearly where there is none; a typo must not leave an empty cache behind.
    _ = try Cache(FilePath(folder), access: .reading)
    return try Cache(FilePath(folder))
  }
}
