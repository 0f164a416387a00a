import ArgumentParser
import Retort

/// Carries out a recorded recipe of a built-in stage again.
struct ReproduceCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "reproduce", abstract: "Compute a recorded result again, and compare its digest.",
    discussion: """
      Carries out the artifact's recipe in a cache of its own, from the recorded inputs, or with --from-sources from the \
      files that it all began with. Stages of Retort need no pipeline for it; those of other packages need the same \
      command of their program. Ends with code 0 if all bytes are equal, 1 if not, and 3 where there is nothing to \
      compare: a measurement, or other numerics.

      EXAMPLES
        retort reproduce student
        retort reproduce 9f3ac2 --from-sources --search ~/data
      """)

  @Argument(help: "A label, LABEL@RUN, or the beginning of a digest.") var artifact: String
  @OptionGroup var reproduction: ReproductionOptions
  @OptionGroup var cache: CacheOptions
  @OptionGroup var output: JSONOption

  func execute() async throws -> ProgramStatus {
    try await ReproductionRun.reproduce(
      artifact, in: cache.cache, registry: StageRegistry(), options: reproduction, isJSON: output.json)
  }
}
