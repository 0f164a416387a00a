import Executing
import Foundation

/// The command of `--on-finish`: it learns how the run ended from its environment, and its own end changes nothing.
struct FinishCommand {
  var command: String

  /// Runs it and waits for it.
  ///
  /// - Returns: what went wrong, for people; nil where it ended with 0.
  func run(after summary: RunSummary, of pipeline: String) -> String? {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", command]
    var environment = ProcessInfo.processInfo.environment
    environment["RETORT_PIPELINE"] = pipeline
    environment["RETORT_RUN"] = "\(summary.run.value)"
    environment["RETORT_OUTCOME"] = summary.outcome.rawValue
    environment["RETORT_SECONDS"] = Figures.fixed(summary.seconds, 1)
    environment["RETORT_MESSAGE"] = Self.message(of: summary, pipeline)
    process.environment = environment
    // Stdout is the report's: what the command says goes where messages go.
    process.standardOutput = FileHandle.standardError
    process.standardInput = FileHandle.nullDevice
    do {
      try process.run()
    } catch {
      return "The command of --on-finish could not be started: \(error.localizedDescription)"
    }
    process.waitUntilExit()
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      return "The command of --on-finish ended with code \(process.terminationStatus)."
    }
    return nil
  }

  private static func message(of summary: RunSummary, _ pipeline: String) -> String {
    let counts = summary.counts
    let end: String =
      switch summary.outcome {
      case .succeeded: "is up to date: \(counts.ran) ran, \(counts.cached) cached"
      case .failed: "failed: \(counts.failed) of its stages failed, \(counts.ran) ran, \(counts.cached) cached"
      default: "was interrupted: \(counts.ran) ran, \(counts.cached) cached"
      }
    return "\(pipeline) \(end), in \(Figures.duration(summary.seconds))"
  }
}
