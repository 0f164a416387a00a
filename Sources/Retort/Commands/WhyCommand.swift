import ArgumentParser
import Planning

/// Explains one stage.
struct WhyCommand<Program: PipelineProgram>: PipelineCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "why", abstract: "Say why a stage would run, or why it ran the last time.",
      usage: "\(Invocation.programName) why <stage> [<options>]",
      discussion: """
        Compares the stage with what it was in the last run, and names each option, input and file that differs, with its \
        old and new value.

        EXAMPLES
          \(Invocation.programName) why teacher
          \(Invocation.programName) why teacher --json | jq .changes
        """)
  }

  @Argument(help: "The stage's label.") var stage: String
  @OptionGroup(title: "Options of the pipeline") var program: Program
  @OptionGroup(title: "Which stages") var selection: SelectionOptions
  @OptionGroup var cache: CacheOptions
  @OptionGroup var output: JSONOption

  func execute(_ invocation: Invocation) async throws -> ProgramStatus {
    let session = try Session(
      program, cache: cache, selection: selection, anticipation: invocation.anticipation)
    let report = try WhyReport(session.step(labelled: stage), in: session)
    if output.json {
      Streams.outputLine(report.json.line)
    } else {
      Streams.output(report.text(.output))
    }
    return .fine
  }
}
