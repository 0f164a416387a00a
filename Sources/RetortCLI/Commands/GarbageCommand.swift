import ArgumentParser
import Inspecting
import Retort
import Storing

/// Removes what no recent run needs.
struct GarbageCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc", abstract: "Remove what no recent run needs.",
    discussion: """
      Keeps everything that the newest runs of each pipeline used, and whatever a live run uses. Safe beside live runs.

      EXAMPLES
        retort gc --dry-run
        retort gc --keep-runs 1
      """)

  @Flag(help: "Only say what would be removed.") var dryRun = false
  @Option(help: "Of each pipeline, keep what its newest successful runs used: this many.") var keepRuns = 5
  @OptionGroup var cache: CacheOptions
  @OptionGroup var output: JSONOption

  mutating func validate() throws {
    guard keepRuns >= 1 else { throw ValidationError("--keep-runs must be at least 1, and is \(keepRuns).") }
  }

  func execute() async throws -> ProgramStatus {
    let cache = try CacheFolder.openExisting(cache.cache)
    let report = try cache.gc(dryRun: dryRun, keepingRuns: keepRuns)
    if output.json {
      Streams.outputLine(try Inspecting.JSONText.line(report))
      return .fine
    }
    let verb = report.isDryRun ? "Would remove" : "Removed"
    let parts = [
      (report.artifacts, "artifact", "artifacts"), (report.executions, "record", "records"),
      (report.checkpoints, "checkpoint", "checkpoints"),
      (report.staging, "unfinished attempt's folder", "unfinished attempts' folders"),
      (report.logs, "folder of logs", "folders of logs"),
    ].filter { $0.0 > 0 }.map { Figures.counted($0.0, $0.1, $0.2) }
    Streams.outputLine(
      parts.isEmpty
        ? "There is nothing to remove." : "\(verb) \(parts.joined(separator: ", ")): \(Figures.bytes(report.bytes)).")
    return .fine
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
