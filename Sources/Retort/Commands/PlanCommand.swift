import ArgumentParser
import Planning

/// Shows what a run would do, and why.
struct PlanCommand<Program: PipelineProgram>: PipelineCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "plan", abstract: "Show what would run and what is cached, and why.",
      usage: "\(Invocation.programName) plan [<options>]",
      discussion: """
        Checks everything that can be checked without running, and reports all faults at once. A stage that waits may \
        turn out to be cached when what it waits for gives the same bytes as before. Times are what the same stage, or \
        else others of its kind, took on equal numerics; the real ones follow options, data and threads.

        EXAMPLES
          \(Invocation.programName) plan
          \(Invocation.programName) plan --verbose          every option's value, and the conventions that a stage follows
          \(Invocation.programName) plan --json | jq .label
        """)
  }

  @OptionGroup(title: "Options of the pipeline") var program: Program
  @OptionGroup(title: "Which stages") var selection: SelectionOptions
  @OptionGroup(title: "What they may use") var machine: MachineOptions
  @OptionGroup var cache: CacheOptions
  @OptionGroup var output: JSONOption
  @Flag(
    name: .customLong("verbose"), help: "Show every value of every option, and the conventions that each stage follows."
  ) var isVerbose = false

  func execute(_ invocation: Invocation) async throws -> ProgramStatus {
    let session = try Session(
      program, cache: cache, selection: selection, machine: machine, anticipation: invocation.anticipation)
    let times = try PlanTimes(session.plan, in: session.cache)
    if output.json {
      Streams.output(PlanReport.json(session.plan, isVerbose: isVerbose, times: times))
    } else {
      Streams.output(PlanReport.text(session.plan, isVerbose: isVerbose, times: times, .output))
    }
    return .fine
  }
}
