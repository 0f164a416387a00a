import ArgumentParser
import Retort

/// Computes a sample of what is cached again.
struct AuditCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "Compute a sample of cached results again, and take back what differs.",
    discussion: """
      Chooses among the results that the last run of each pipeline used, by a seed, and carries out each one's recipe \
      from its recorded inputs, as far as its stage is one of Retort's own. A result that comes out with other bytes on \
      the same numerics is taken back: it is no hit any more, and `retort verify` lists it. Ends with code 1 if there was \
      one.

      EXAMPLES
        retort audit --sample 0.1
        retort audit --sample 1 --pipeline sst2 --json
      """)

  @OptionGroup var sample: AuditOptions
  @Option(help: "Only results that this pipeline used.") var pipeline: String?
  @OptionGroup var reproduction: ReproductionOptions
  @OptionGroup var cache: CacheOptions
  @OptionGroup var output: JSONOption

  func execute() async throws -> ProgramStatus {
    try await ReproductionRun.audit(
      pipeline: pipeline, share: sample.sample, seed: sample.seed, in: cache.cache, registry: StageRegistry(),
      options: reproduction, isJSON: output.json)
  }
}
