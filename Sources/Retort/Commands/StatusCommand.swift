import ArgumentParser
import Planning
import Storing

/// Shows where the pipeline stands, without running anything.
struct StatusCommand<Program: PipelineProgram>: PipelineCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "status", abstract: "Show the state of each stage and the size of the cache.",
      usage: "\(Invocation.programName) status [<options>]",
      discussion: """
        EXAMPLES
          \(Invocation.programName) status
          \(Invocation.programName) status --json | jq 'select(.status != "cached").label'
        """)
  }

  @OptionGroup(title: "Options of the pipeline") var program: Program
  @OptionGroup(title: "Which stages") var selection: SelectionOptions
  @OptionGroup var cache: CacheOptions
  @OptionGroup var output: JSONOption

  func execute(_ invocation: Invocation) async throws -> ProgramStatus {
    let session = try Session(
      program, cache: cache, selection: selection, anticipation: invocation.anticipation)
    let size = try session.cache.size().total
    if output.json {
      Streams.output(StatusReport.json(session.plan, cacheBytes: size))
    } else {
      Streams.output(StatusReport.text(session.plan, cacheFolder: cache.cache, cacheBytes: size, .output))
    }
    return .fine
  }
}
