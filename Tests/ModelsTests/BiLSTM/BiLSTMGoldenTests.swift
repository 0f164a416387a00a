import Models
import RetortTesting
import Tensors
import Testing

/// Values and gradients of whole classifiers against PyTorch: max |a − b| ≤ 1e-5 · max(1, max |b|) a tensor.
struct BiLSTMGoldenTests {
  private static let tolerance = 1e-5

  /// Two layers on ragged texts, and pairs with an empty side.
  @Test(arguments: BertGoldenTests.instructionSets, ["classifier", "pairs"])
  func equalsPyTorch(instructionSet: String, name: String) throws {
    let tiny = try TinyBiLSTM(name)
    let graph = try Graph<Float>(kernels: Kernels.named(instructionSet))
    let gradients = FlatBuffer<Float>(count: tiny.model.layout.count)
    let binding = ParameterBinding(tiny.model.layout, values: tiny.values, gradients: gradients)
    graph.begin(recording: true)
    let states = try tiny.model.encode(tiny.batch, with: binding, in: graph)
    let final = states.finalStates
    if name == "pairs" {
      let (first, second) = (try tiny.floats("first"), try tiny.floats("second"))
      let width = final.columns
      var sides: [Float] = []
      for start in stride(from: 0, to: first.count, by: width) {
        sides += first[start..<start + width]
        sides += second[start..<start + width]
      }
      #expect(relativeDifference(final.values, sides) <= Self.tolerance)
      #expect(final.values.suffix(width).allSatisfy { $0 == 0 })
    } else {
      #expect(states.hidden.count == 3)
      #expect(relativeDifference(states.hidden[2].values, try tiny.floats("states")) <= Self.tolerance)
      #expect(relativeDifference(final.values, try tiny.floats("final")) <= Self.tolerance)
    }
    let logits = try tiny.model.logits(states, of: tiny.batch, with: binding, in: graph)
    #expect(relativeDifference(logits.values, try tiny.floats("logits")) <= Self.tolerance)
    try graph.crossEntropy(logits, labels: tiny.labels(), scale: 1 / Double(tiny.batch.sequenceCount))
    graph.backward()
    #expect(relativeDifference([graph.loss], try tiny.floats("loss")) <= Self.tolerance)
    for entry in tiny.model.layout.entries {
      let difference = relativeDifference(gradients[entry.range], try tiny.floats("gradient.\(entry.name)"))
      #expect(difference <= Self.tolerance, "\(entry.name)")
    }
  }

  /// Names and shapes are those of the reference's state dictionary, no more and no fewer.
  @Test(arguments: ["classifier", "pairs"])
  func namesAndShapes(name: String) throws {
    let golden = try Golden("recurrent")
    let prefix = "\(name).parameter."
    let expected = golden.names.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    let layout = try ParameterLayout.biLSTM(TinyBiLSTM.configuration(name), outputs: 3)
    #expect(Set(layout.entries.map(\.name)) == Set(expected))
    for entry in layout.entries { #expect(try entry.shape == golden.shape(prefix + entry.name), "\(entry.name)") }
  }

  private func train(_ name: String, shards: Int, threads: Int = 1, dropout: Double) throws -> ShardedPass {
    let tiny = try TinyBiLSTM(name, dropout: dropout)
    return try ShardedPass(
      tiny.model.layout, values: tiny.values, batch: tiny.batch, labels: tiny.labels(), shards: shards,
      threads: threads
    ) { [model = tiny.model] batch, binding, graph in
      let states = try model.encode(batch, with: binding, in: graph)
      return try model.logits(states, of: batch, with: binding, in: graph)
    }
  }

  @Test(arguments: ["classifier", "pairs"], [0, 0.3])
  func threadsAndCutsDoNotMatter(name: String, dropout: Double) throws {
    let one = try train(name, shards: 3, dropout: dropout)
    #expect(one.loss.isFinite)
    for threads in 2...3 { #expect(try train(name, shards: 3, threads: threads, dropout: dropout) == one) }
    // More shards than sequences: some are empty.
    for shards in [1, 2, 9] {
      let cut = try train(name, shards: shards, dropout: dropout)
      #expect(abs(cut.loss - one.loss) < 1e-5)
      #expect(relativeDifference(cut.gradients, one.gradients) < 1e-5)
    }
  }

  @Test func wrongBatchesAreRefused() throws {
    let (single, pairs) = (try TinyBiLSTM("classifier"), try TinyBiLSTM("pairs"))
    let graph = try Graph<Float>()
    graph.begin(recording: false)
    #expect(throws: TensorError.index(operation: "embedding of words", value: 30, limit: 30)) {
      let model = ParameterBinding(single.model.layout, values: single.values)
      _ = try single.model.encode(PackedBatch([[1, 30]]), with: model, in: graph)
    }
    for types in [[0, 1, 0], [0, 2, 2], [-1, 0, 1], [1, 0, 0]] as [[Int32]] {
      #expect(throws: TensorError.self, "\(types)") {
        let model = ParameterBinding(pairs.model.layout, values: pairs.values)
        _ = try pairs.model.encode(PackedBatch([[1, 2, 3]], types: [types]), with: model, in: graph)
      }
    }
  }
}
