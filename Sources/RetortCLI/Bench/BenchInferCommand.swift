import ArgumentParser
import Models
import Retort
import Tensors

/// Inference: encoded texts in, logits out.
struct BenchInferCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "infer", abstract: "Time a model's answers.",
    discussion: """
      Texts are encoded before the clock starts. The share of the peak is 2 × the blocks' weights × real tokens a second, \
      over threads × sgemm's rate in f32, for int8 as well.
      """)

  @OptionGroup var options: BenchOptions
  @Option(help: "f32 or int8. (default: what the folder holds)") var precision: Precision?

  enum Precision: String, ExpressibleByArgument, CaseIterable { case f32, int8 }

  func execute() async throws -> ProgramStatus {
    let sentences = try BenchSentences(options)
    let model = try model()
    let texts = try sentences.encoded(by: TokenizerFolder.read(FilePath(options.model)), length: options.length)
    let peak = try BLAS.shared().measure()
    let batches = try texts.batches(of: options.batch, order: options.order).map { try texts.packed($0) }
    let team = options.threads > 1 ? ThreadTeam(options.threads) : nil
    for batch in batches { _ = try model.logits(batch, on: team) }
    PeakMemory.reset()
    var (passes, latencies): ([Double], [Double]) = ([], [])
    for _ in 0..<options.rounds {
      let each = try batches.map { batch in try seconds { _ = try model.logits(batch, on: team) } }
      passes.append(each.reduce(0, +))
      latencies += each
    }
    let figures = BenchFigures(
      passes: passes, latencies: latencies.sorted(), sentences: texts.count, tokens: texts.tokenCount,
      operationsPerToken: Double(model.configuration.operationsPerToken), peak: peak, threads: options.threads,
      peakMemory: PeakMemory.bytes)
    figures.print("inference", options.output, more: [.init("precision", .string(model.precision))])
    return .fine
  }

  private func model() throws -> InferenceModel {
    let stored = try InferenceForm(folder: FilePath(options.model))
    switch (precision, stored.isInteger) {
    case (.f32, true):
      throw RetortError(
        "bench.precision", "The model's weights are integers; it cannot answer in f32.",
        remedy: "Give the model that it was quantized from.", at: Place(file: options.model))
    case (nil, true), (.int8, true): return try InferenceModel(folder: FilePath(options.model))
    case (nil, false), (.f32, false): return try InferenceModel(BenchTrainCommand.classifier(options, dropout: nil))
    case (.int8, false):
      return try InferenceModel(
        QuantizedCheckpoint(
          quantizing: BenchTrainCommand.classifier(options, dropout: nil), convention: Int8Convention()))
    }
  }
}

/// Whether a folder's weights are integers.
private struct InferenceForm {
  var isInteger: Bool

  init(folder: FilePath) throws { isInteger = try ModelFolder.isQuantized(folder) }
}
