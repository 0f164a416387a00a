import ArgumentParser
import Inspecting
import Retort

/// Explains what the newest run did with a stage.
struct WhyCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "why", abstract: "Say why a stage ran, or did not, in the newest run that had it.",
    discussion: """
      The same command of a pipeline's program also tells what the next run would do.

      EXAMPLES
        retort why student
        retort why student --pipeline sst2 --json
      """)

  @Argument(help: "The stage's label.") var label: String
  @Option(help: "Only runs of this pipeline.") var pipeline: String?
  @OptionGroup var cache: CacheOptions
  @OptionGroup var output: JSONOption

  func execute() async throws -> ProgramStatus {
    let explanation = try Inspector(at: FilePath(cache.cache)).why(label, pipeline: pipeline)
    Streams.outputLine(output.json ? Self.json(explanation).line : explanation.description)
    return .fine
  }

  static func json(_ explanation: Explanation) -> JSONLine {
    let reason: (word: String, since: RunID?, of: String?, changes: [RecipeDifference.Change]) =
      switch explanation.reason {
      case .cached(let since): ("cached", since, nil, [])
      case .first: ("first", nil, nil, [])
      case .changed(let changes, let since, let label): ("changed", since, label, changes)
      case .again(let since): ("again", since, nil, [])
      case .attempted(let since): ("attempted", since, nil, [])
      case .notReached: ("not-reached", nil, nil, [])
      }
    return .fields([
      "label": .string(explanation.label), "run": .integer(Int(explanation.run.value)),
      "outcome": .string(explanation.outcome.rawValue), "reason": .string(reason.word),
      "since": reason.since.map { .integer(Int($0.value)) },
      "since_label": reason.of.map { .string($0) }, "changes": json(reason.changes),
      "causes": .array(
        explanation.causes.map { .fields(["label": .string($0.label), "changes": json($0.changes)]) }),
    ])
  }

  private static func json(_ changes: [RecipeDifference.Change]) -> JSONLine {
    .array(
      changes.map {
        .fields([
          "path": .string($0.path), "old": $0.old.map { .string("\($0)") }, "new": $0.new.map { .string("\($0)") },
        ])
      })
  }
}
