import Executing
import FoundationEssentials
import Supervising

/// The command of `--on-finish`: it learns how the run ended from its environment, and its own end changes nothing.
struct FinishCommand {
  var command: String

  /// Runs it and waits for it.
  ///
  /// - Returns: what went wrong, for people; nil where it ended with 0.
  func run(after summary: RunSummary, of pipeline: String) -> String? {
    let environment = ProcessInfo.processInfo.environment.merging([
      "RETORT_PIPELINE": pipeline, "RETORT_RUN": "\(summary.run.value)", "RETORT_OUTCOME": summary.outcome.rawValue,
      "RETORT_SECONDS": Figures.fixed(summary.seconds, 1), "RETORT_MESSAGE": Self.message(of: summary, pipeline),
    ]) { $1 }
    do {
      let child = try Child(
        ChildProgram("/bin/sh", arguments: ["-c", command], environment: environment, folder: Files.currentFolder))
      // Stdout is the report's: what the command says goes where messages go.
      let ending = try child.wait(line: { _, line in Streams.errorLine(line) }).ending
      return ending.isSuccess ? nil : "The command of --on-finish \(ending)."
    } catch {
      return "The command of --on-finish could not be started: \(error)"
    }
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
