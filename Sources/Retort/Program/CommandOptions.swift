import ArgumentParser
import Executing
import Planning

/// Where results are kept.
package struct CacheOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The folder of results and records.", valueName: "dir"), completion: .directory)
  package var cache = CacheOptions.standard

  package static let standard = "cache"

  package init() {}
}

/// Which steps a command is about.
struct SelectionOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Only this stage; its inputs must be cached. May be repeated.", valueName: "label"))
  var only: [String] = []

  @Option(help: ArgumentHelp("This stage and what it needs. May be repeated.", valueName: "label"))
  var until: [String] = []

  @Option(help: ArgumentHelp("This stage and what depends on it. May be repeated.", valueName: "label"))
  var from: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Compute again even if cached: these stages, or all where none is named.", valueName: "label"))
  var force: [String] = []

  @Option(
    help: ArgumentHelp(
      "What to do with results that were computed before their stage's source files changed.", valueName: "what"))
  var codeChanges = CodeChanges.warn

  @Option(help: ArgumentHelp("The seed of stages that have none of their own.", valueName: "number"))
  var seed: UInt64 = 0
}

extension CodeChanges: ExpressibleByArgument {}

/// How a run is carried out. Nothing here changes a result.
struct ExecutionOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Stages at once. (default: as the cores allow)", valueName: "n"))
  var jobs: Int?

  @Flag(help: "After a failure, go on with the stages that do not depend on it.")
  var keepGoing = false

  @Option(
    help: ArgumentHelp(
      "How often a stage is tried again whose failure may pass by itself, after 1, 2, 4, … s.", valueName: "n"))
  var retries = RetryPolicy().attempts - 1

  @Option(
    help: ArgumentHelp(
      "How long an attempt may take: 90s, 15min, 2h, of all stages or of one: train=2h. May be repeated.",
      valueName: "[label=]time"))
  var timeout: [TimeLimit] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Run these stages, or all where none is named, in processes of their own: a crash is then a failure of one stage.",
      valueName: "label"))
  var isolate: [String] = []

  @Option(
    help: ArgumentHelp(
      "Seconds between the snapshots of a training stage. (default: at least 30, and as seldom as they are dear)",
      valueName: "seconds"))
  var checkpointEvery: Double?

  @Option(
    help: ArgumentHelp(
      "A command for the shell when the run has ended; it finds RETORT_OUTCOME and RETORT_MESSAGE in its environment.",
      valueName: "command"))
  var onFinish: String?

  @Option(help: ArgumentHelp("How progress is shown on stderr. (default: auto; with --json none)", valueName: "form"))
  var progress: ProgressForm?

  mutating func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("--jobs must be at least 1, and is \(jobs).") }
    if retries < 0 { throw ValidationError("--retries must not be negative, and is \(retries).") }
    if let checkpointEvery, !(checkpointEvery >= 0 && checkpointEvery.isFinite) {
      throw ValidationError("--checkpoint-every must be a number of seconds, and is \(checkpointEvery).")
    }
  }
}

enum ProgressForm: String, CaseIterable, ExpressibleByArgument, Sendable {
  /// Bars on a terminal, plain lines elsewhere.
  case auto
  case plain
  case json
  case none
}

package struct JSONOption: ParsableArguments {
  @Flag(help: "Write JSON lines to stdout, and nothing else there.")
  package var json = false

  package init() {}
}
