import ArgumentParser
import Declaring

/// Carries out a recorded recipe again.
struct ReproduceCommand<Program: PipelineProgram>: PipelineCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "reproduce", abstract: "Compute a recorded result again, and compare its digest.",
      usage: "\(Invocation.programName) reproduce <artifact> [<options>]",
      discussion: """
        Carries out the artifact's recipe in a cache of its own, from the recorded inputs, or with --from-sources from the \
        files that it all began with. An input that is gone is computed first. Ends with code 0 if all bytes are equal, 1 \
        if not, and 3 where there is nothing to compare: a measurement, or other numerics.

        EXAMPLES
          \(Invocation.programName) reproduce student
          \(Invocation.programName) reproduce 9f3ac2 --from-sources --search ~/data
        """)
  }

  @Argument(help: "A label, LABEL@RUN, or the beginning of a digest.") var artifact: String
  @OptionGroup(title: "Options of the pipeline") var program: Program
  @OptionGroup(title: "How it is computed") var reproduction: ReproductionOptions
  @OptionGroup var cache: CacheOptions
  @OptionGroup var output: JSONOption

  func execute(_ invocation: Invocation) async throws -> ProgramStatus {
    try await ReproductionRun.reproduce(
      artifact, in: cache.cache, registry: StageRegistry(Pipeline.declared { program.body }), options: reproduction,
      isJSON: output.json)
  }
}
