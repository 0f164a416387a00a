import ArgumentParser

/// Measures what this machine gives.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure what this machine gives: the engine, training, inference.",
    discussion: """
      EXAMPLES
        retort bench engine --stages 10000
        retort bench gemm
        retort bench train --model models/minilm --data train.tsv --threads 2
        retort bench infer --model out/sst2 --data dev.tsv --precision int8 --batch 1 --threads 1 --json
      """,
    subcommands: [
      BenchEngineCommand.self, BenchGemmCommand.self, BenchTrainCommand.self, BenchDistillCommand.self,
      BenchInferCommand.self, BenchTokenizeCommand.self, BenchPassCommand.self,
    ], defaultSubcommand: BenchEngineCommand.self)
}
