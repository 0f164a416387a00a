import ArgumentParser
import Executing
import Planning

/// Brings the pipeline up to date.
struct RunCommand<Program: PipelineProgram>: PipelineCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "run", abstract: "Run every stage whose result is not in the cache.",
      usage: "\(Invocation.programName) [run] [<options>]",
      discussion: """
        Ctrl-C asks the running stages to stop at their next checkpoint; a second one ends the program at once. Either \
        way `resume` goes on from what was finished and from the last checkpoints.

        With --json stdout carries JSON lines only: events first, and at last one line with the counts and the models.

        EXAMPLES
          \(Invocation.programName) --until student              a stage and what it needs
          \(Invocation.programName) --force teacher --jobs 1     compute a stage again
          \(Invocation.programName) --json | tail -1 | jq .models

        \(ProgramStatus.help)
        """)
  }

  @OptionGroup(title: "Options of the pipeline") var program: Program
  @OptionGroup(title: "Which stages") var selection: SelectionOptions
  @OptionGroup(title: "How they run") var execution: ExecutionOptions
  @OptionGroup(title: "What they may use") var machine: MachineOptions
  @OptionGroup var cache: CacheOptions
  @OptionGroup var output: JSONOption
  @Option(help: ArgumentHelp("A file for the results as a page of Markdown, with every digest.", valueName: "file"))
  var report: String?

  func execute(_ invocation: Invocation) async throws -> ProgramStatus {
    let session = try Session(
      program, cache: cache, selection: selection, machine: machine, anticipation: invocation.anticipation,
      isRun: true)
    if session.plan.steps.contains(where: { $0.cached == nil }) {
      _ = try ReservedNames.checkedParameters(of: Program.self)
    }
    let request = RunRequest(
      pipeline: Program.name, arguments: invocation.arguments, options: ParameterValues.of(program),
      startedAt: WallClock.now, profile: session.plan.options.machine.numerics)
    return try await PipelineRun(
      session: session, request: request, options: try runOptions(session.plan), progress: execution.progress,
      isJSON: output.json, cacheFolder: cache.cache, program: invocation.program,
      executor: try Isolation.executor(for: execution.isolate, of: session.plan, invocation), page: report,
      onFinish: execution.onFinish.map { FinishCommand(command: $0) }
    ).carryOut()
  }

  private func runOptions(_ plan: Plan) throws -> RunOptions {
    var options = RunOptions(jobs: execution.jobs, threads: machine.threads ?? Machine.cores)
    options.memory = machine.memoryBytes
    options.devices = try machine.devices().ids
    options.keepsGoing = execution.keepGoing
    options.retries.attempts = execution.retries + 1
    if !execution.timeout.isEmpty {
      (options.timeout, options.timeouts) = try execution.timeout.limits(among: plan.steps.map(\.label))
    }
    options.checkpointEvery = execution.checkpointEvery
    return options
  }
}
