import Artifacts
import RetortTesting
import Tensors
import Testing

@testable import Models

/// Files of dense models, computed by the operators' definitions, against PyTorch's goldens and Retort's inference.
struct ONNXModelTests {
  private static let tolerance = 1e-5
  private static let opsets = Array(ONNXModel.Options.opsets)

  private func checkpoint(_ name: String, _ head: BertHead) throws -> (TinyBert, BertCheckpoint) {
    let tiny = try TinyBert(name, head: head)
    return (tiny, BertCheckpoint(tiny.bert, values: tiny.values))
  }

  /// The golden classifier's encoder under another head; what the head has of its own is drawn.
  private func reheaded(_ head: BertHead) throws -> (TinyBert, BertCheckpoint) {
    let tiny = try TinyBert("classifier", head: .classifier(labels: 3))
    let bert = try Bert(TinyBert.configuration, head: head)
    let values = bert.initialValues(seed: 3, as: Float.self)
    for entry in bert.layout.entries {
      guard let own = tiny.bert.layout[entry.name], own.shape == entry.shape else { continue }
      values.write(tiny.values[own.range], at: entry.offset)
    }
    return (tiny, BertCheckpoint(bert, values: values))
  }

  @Test(arguments: opsets)
  func classifier(opset: Int) throws {
    let (tiny, checkpoint) = try checkpoint("classifier", .classifier(labels: 3))
    let model = try ONNXModel(checkpoint, options: .init(opset: opset))
    for padding in [0, 3] {
      let logits = try model.logits(PaddedBatch(tiny.batch, padding: padding))
      #expect(relativeDifference(logits, try tiny.floats("logits")) <= Self.tolerance)
    }
  }

  @Test func regression() throws {
    let (tiny, checkpoint) = try checkpoint("regression", .regression)
    let logits = try ONNXModel(checkpoint).logits(PaddedBatch(tiny.batch, padding: 2))
    #expect(relativeDifference(logits, try tiny.floats("logits")) <= Self.tolerance)
  }

  @Test func maskedLM() throws {
    let (tiny, checkpoint) = try checkpoint("maskedLM", .maskedLM)
    let rows = try tiny.integers("rows").map { Int($0) }
    let logits = try ONNXModel(checkpoint).logits(PaddedBatch(tiny.batch, padding: 2), at: rows)
    #expect(relativeDifference(logits, try tiny.floats("logits")) <= Self.tolerance)
  }

  @Test func tagger() throws {
    let (tiny, checkpoint) = try reheaded(.tagger(labels: 4))
    let batch = PaddedBatch(tiny.batch, padding: 2)
    let tokens = Array(0..<tiny.batch.tokenCount)
    let logits = try ONNXModel(checkpoint).logits(batch, at: tokens)
    // A linear layer on the golden states.
    let states = try tiny.floats("hidden.2")
    let entry = try checkpoint.bert.layout.entry("classifier.weight")
    let weight = checkpoint.values[entry.range]
    let bias = checkpoint.values[try checkpoint.bert.layout.entry("classifier.bias").range]
    let expected = tokens.flatMap { token in
      (0..<4).map { label in
        (0..<24).reduce(bias[label]) { $0 + states[token * 24 + $1] * weight[label * 24 + $1] }
      }
    }
    #expect(relativeDifference(logits, expected) <= Self.tolerance)
  }

  @Test func encoder() throws {
    let (tiny, checkpoint) = try reheaded(.encoder)
    let batch = PaddedBatch(tiny.batch, padding: 2)
    let outputs = try ONNXModel(checkpoint).outputs(for: batch)
    let states = try #require(outputs["last_hidden_state"])
    #expect(states.shape == [5, batch.length, 24])
    let rows = batch.rows.flatMap { states.numbers[$0 * 24..<($0 + 1) * 24].map { Float($0) } }
    #expect(relativeDifference(rows, try tiny.floats("hidden.2")) <= Self.tolerance)

    let graph = try Graph<Float>()
    graph.begin(recording: false)
    let binding = ParameterBinding(checkpoint.bert.layout, values: checkpoint.values)
    let encoded = try checkpoint.bert.encode(tiny.batch, with: binding, in: graph)
    let expected = try checkpoint.bert.pooled(encoded, of: tiny.batch, with: binding, in: graph).values
    let pooled = try #require(outputs["pooler_output"])
    #expect(pooled.shape == [5, 24])
    #expect(relativeDifference(pooled.numbers.map { Float($0) }, expected) <= Self.tolerance)
  }

  @Test("Other activations, and scores that no token may see", arguments: ["relu", "tanh"])
  func activations(name: String) throws {
    var (tiny, checkpoint) = try reheaded(.classifier(labels: 3))
    var configuration = checkpoint.bert.configuration
    configuration.activation = name
    checkpoint.bert = try Bert(configuration, head: .classifier(labels: 3))
    let logits = try ONNXModel(checkpoint).logits(PaddedBatch(tiny.batch, padding: 1, emptyRows: 2))
    let expected = try InferenceModel(checkpoint).logits(tiny.batch).flatMap { $0 }
    #expect(relativeDifference(Array(logits.prefix(expected.count)), expected) <= Self.tolerance)
    #expect(logits.count == expected.count + 6 && logits.allSatisfy { $0.isFinite })
  }

  @Test("Pruned blocks are written as small as they are, and so is a vocabulary")
  func pruned() throws {
    let (tiny, checkpoint) = try checkpoint("classifier", .classifier(labels: 3))
    let kept = KeptUnits([.init(heads: [0, 2], neurons: [1, 3, 4, 39]), .init(heads: [1], neurons: [17])])
    let (bert, values) = try tiny.bert.slicing(tiny.values, to: kept)
    let pruned = BertCheckpoint(bert, values: values)
    let batch = PaddedBatch(tiny.batch, padding: 2)
    let expected = try InferenceModel(pruned).logits(tiny.batch).flatMap { $0 }
    #expect(relativeDifference(try ONNXModel(pruned).logits(batch), expected) <= Self.tolerance)
    let saved = try ONNXModel(checkpoint).byteCount() - ONNXModel(pruned).byteCount()
    let removed = 4 * (checkpoint.bert.layout.count - bert.layout.count)
    #expect(abs(saved - removed) < 200)

    // Every word that the batch has, and some that it has not.
    let words = Array(Set(tiny.batch.ids + [5, 59])).sorted()
    let small = try checkpoint.keeping(words: words)
    let renamed = try PackedBatch(
      (0..<tiny.batch.sequenceCount).map { sequence in
        let piece = tiny.batch.slice(sequence..<sequence + 1)
        return try piece.ids.map { id in Int32(try #require(words.firstIndex(of: id))) }
      }, types: (0..<tiny.batch.sequenceCount).map { tiny.batch.slice($0..<$0 + 1).typeIDs })
    let logits = try ONNXModel(small).logits(PaddedBatch(renamed))
    #expect(relativeDifference(logits, try tiny.floats("logits")) <= Self.tolerance)
  }
}
