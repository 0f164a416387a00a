import Models
import RetortTesting
import Tensors
import Testing

/// The last block computed for the rows that are read must give what the whole block gives at those rows.
struct OutputTokensTests {
  private struct Outcome {
    var logits: [Float]
    var loss: Double
    var gradients: [Float]
  }

  private func train(
    on batch: PackedBatch, _ tiny: TinyBert, output: (PackedBatch) -> OutputTokens, into gradients: FlatBuffer<Float>
  ) throws -> Outcome {
    let labels = try tiny.integers("labels")
    let graph = try Graph<Float>()
    graph.begin(recording: true, randomness: Randomness(seed: 3, step: 5))
    let model = ParameterBinding(tiny.bert.layout, values: tiny.values, gradients: gradients)
    let states = try tiny.bert.encode(batch, with: model, in: graph, output: output(batch))
    let logits = try tiny.bert.logits(states, of: batch, with: model, in: graph)
    try graph.crossEntropy(logits, labels: Array(labels[batch.examples]), scale: 1 / 5)
    let values = logits.values
    graph.backward()
    return Outcome(logits: values, loss: graph.loss, gradients: gradients[0..<gradients.count])
  }

  private func train(_ tiny: TinyBert, output: (PackedBatch) -> OutputTokens) throws -> Outcome {
    try train(on: tiny.batch, tiny, output: output, into: FlatBuffer(count: tiny.bert.layout.count))
  }

  @Test func firstTokensGiveTheWholeBlocksAnswersAndGradients() throws {
    let tiny = try TinyBert("classifier", head: .classifier(labels: 3))
    let whole = try train(tiny) { _ in .all }
    let chosen = try train(tiny) { OutputTokens(readBy: tiny.bert.head, of: $0) }
    #expect(relativeDifference(chosen.logits, whole.logits) < 1e-6)
    #expect(abs(chosen.loss - whole.loss) < 1e-6)
    #expect(relativeDifference(chosen.gradients, whole.gradients) < 1e-5)
  }

  /// Dropout draws for a row by its number in the whole batch, however the batch is cut.
  @Test func dropoutDoesNotFeelTheCut() throws {
    let tiny = try TinyBert("classifier", head: .classifier(labels: 3), dropout: 0.2)
    let read = { OutputTokens(readBy: tiny.bert.head, of: $0) }
    let whole = try train(tiny, output: read)
    let cuts = tiny.batch.shards(3)
    let buffers = cuts.map { _ in FlatBuffer<Float>(count: tiny.bert.layout.count) }
    let parts = try zip(cuts, buffers).map { try train(on: $0, tiny, output: read, into: $1) }
    let total = FlatBuffer<Float>(count: tiny.bert.layout.count)
    total.sum(of: buffers)
    #expect(relativeDifference(parts.flatMap(\.logits), whole.logits) < 1e-5)
    #expect(relativeDifference(total[0..<total.count], whole.gradients) < 1e-5)
    #expect(try train(tiny) { _ in .all }.logits != whole.logits, "Other rows draw other masks.")
  }

  @Test func hiddenWordsMayRepeatAndStandAnywhere() throws {
    let tiny = try TinyBert("maskedLM", head: .maskedLM)
    let rows: [Int32] = [7, 2, 2, Int32(tiny.batch.tokenCount - 1)]
    let model = ParameterBinding(tiny.bert.layout, values: tiny.values)
    let graph = try Graph<Float>()
    func logits(_ output: OutputTokens) throws -> [Float] {
      graph.begin(recording: false)
      let states = try tiny.bert.encode(tiny.batch, with: model, in: graph, output: output)
      return try tiny.bert.wordLogits(states, at: rows, with: model, in: graph).values
    }
    #expect(relativeDifference(try logits(.rows(rows, first: 0)), try logits(.all)) < 1e-6)
  }

  @Test func otherRowsThanThoseThatWereComputedAreRefused() throws {
    let tiny = try TinyBert("classifier", head: .classifier(labels: 3))
    let model = ParameterBinding(tiny.bert.layout, values: tiny.values)
    let graph = try Graph<Float>()
    graph.begin(recording: false)
    let states = try tiny.bert.encode(tiny.batch, with: model, in: graph, output: .rows([1, 3], first: 0))
    #expect(throws: TensorError.self) { try tiny.bert.logits(states, of: tiny.batch, with: model, in: graph) }
    #expect(throws: TensorError.self) {
      try tiny.bert.encode(tiny.batch, with: model, in: graph, output: .rows([10_000], first: 0))
    }
  }
}
