import ArgumentParser
import Declaring

/// Computes a sample of what is cached again.
struct AuditCommand<Program: PipelineProgram>: PipelineCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "audit", abstract: "Compute a sample of cached results again, and take back what differs.",
      usage: "\(Invocation.programName) audit [<options>]",
      discussion: """
        Chooses among the results that the last run used, by a seed, and carries out each one's recipe from its recorded \
        inputs. A result that comes out with other bytes on the same numerics is taken back: it is no hit any more, and \
        `retort verify` lists it. Ends with code 1 if there was one.

        EXAMPLES
          \(Invocation.programName) audit --sample 0.1
          \(Invocation.programName) audit --sample 1 --json
        """)
  }

  @OptionGroup var sample: AuditOptions
  @OptionGroup(title: "Options of the pipeline") var program: Program
  @OptionGroup(title: "How it is computed") var reproduction: ReproductionOptions
  @OptionGroup var cache: CacheOptions
  @OptionGroup var output: JSONOption

  func execute(_ invocation: Invocation) async throws -> ProgramStatus {
    try await ReproductionRun.audit(
      pipeline: Program.name, share: sample.sample, seed: sample.seed, in: cache.cache,
      registry: StageRegistry(Pipeline.declared { program.body }), options: reproduction, isJSON: output.json)
  }
}

/// Which results an audit computes again.
package struct AuditOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The share of the results, from 0 to 1.", valueName: "share")) package var sample = 0.1
  @Option(help: ArgumentHelp("Another seed chooses others.", valueName: "number")) package var seed: UInt64 = 0

  package init() {}

  package mutating func validate() throws {
    guard (0...1).contains(sample) else { throw ValidationError("--sample must be from 0 to 1, and is \(sample).") }
  }
}
