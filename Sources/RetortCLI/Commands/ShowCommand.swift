import ArgumentParser
import Inspecting
import Retort

/// Shows an artifact or a run.
struct ShowCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show an artifact or a run: facts, figures, options, where it lies.",
    discussion: """
      A name is a stage's label (student, or task.train for one output of several), a run's number, or at least four \
      digits with which a digest or a key begins.

      EXAMPLES
        retort show student
        retort show 12
        ls $(retort show student --json | jq -r .location)
      """)

  @Argument(help: "A label, a run's number, or the beginning of a digest.") var name: String
  @OptionGroup var cache: CacheOptions
  @OptionGroup var output: JSONOption

  func execute() async throws -> ProgramStatus {
    let inspector = try Inspector(at: FilePath(cache.cache))
    switch try inspector.resolve(name) {
    case .run(let run):
      let detail = try inspector.detail(of: run)
      Streams.outputLine(output.json ? try Inspecting.JSONText.line(detail) : detail.text())
    case .artifact(let finding):
      let detail = try inspector.detail(of: finding)
      Streams.outputLine(output.json ? try Inspecting.JSONText.line(detail) : detail.text())
    }
    return .fine
  }
}
