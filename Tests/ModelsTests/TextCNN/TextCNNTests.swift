import Foundation
import Models
import RetortTesting
import Tensors
import Testing

/// The TextCNN of `Tests/Goldens/convolution.py`: its shape, batch and parameters.
struct TinyTextCNN: Sendable {
  let golden: Golden
  let model: TextCNN
  let batch: PackedBatch
  let values: FlatBuffer<Float>

  static let configuration = TextCNNConfiguration(vocabularySize: 30, embeddingSize: 7, filterCount: 19, dropout: 0)

  init(dropout: Double = 0) throws {
    golden = try Golden("convolution")
    var configuration = Self.configuration
    configuration.dropout = dropout
    model = try TextCNN(configuration, outputs: 4)
    var ids = try golden.integers("ids")[...]
    var batch = PackedBatch()
    for length in try golden.integers("lengths") {
      try batch.append(Array(ids.prefix(Int(length))))
      ids = ids.dropFirst(Int(length))
    }
    self.batch = batch
    values = FlatBuffer<Float>(count: model.layout.count)
    for entry in model.layout.entries {
      values.write(try golden.floats("parameter.\(entry.name)"), at: entry.offset)
    }
  }
}

/// Values and gradients against PyTorch on a batch with many trailing pads, and what must not change them.
struct TextCNNTests {
  private static let tolerance = 1e-5

  @Test(arguments: BertGoldenTests.instructionSets)
  func equalsPyTorch(instructionSet: String) throws {
    let tiny = try TinyTextCNN()
    let graph = try Graph<Float>(kernels: Kernels.named(instructionSet))
    let gradients = FlatBuffer<Float>(count: tiny.model.layout.count)
    let binding = ParameterBinding(tiny.model.layout, values: tiny.values, gradients: gradients)
    graph.begin(recording: true)
    let words = try graph.embedding(words: graph.parameter("embedding.weight", of: binding), ids: tiny.batch.ids)
    for (index, width) in [3, 4, 5].enumerated() {
      let answers = try graph.timeConvolution(
        words, weight: graph.parameter("convolutions.\(index).weight", of: binding),
        bias: graph.parameter("convolutions.\(index).bias", of: binding), width: width, offsets: tiny.batch.offsets,
        activation: .relu)
      #expect(relativeDifference(answers.values.values, try tiny.golden.floats("answers.\(width)")) <= Self.tolerance)
    }
    let features = try tiny.model.features(of: tiny.batch, with: binding, in: graph)
    #expect(relativeDifference(features.values, try tiny.golden.floats("features")) <= Self.tolerance)
    let logits = try tiny.model.logits(features, of: tiny.batch, with: binding, in: graph)
    #expect(relativeDifference(logits.values, try tiny.golden.floats("logits")) <= Self.tolerance)
    try graph.crossEntropy(logits, labels: tiny.golden.integers("labels"), scale: 1 / 6)
    graph.backward()
    #expect(relativeDifference([graph.loss], try tiny.golden.floats("loss")) <= Self.tolerance)
    for entry in tiny.model.layout.entries {
      let difference = relativeDifference(gradients[entry.range], try tiny.golden.floats("gradient.\(entry.name)"))
      #expect(difference <= Self.tolerance, "\(entry.name)")
    }
  }

  @Test func namesAndShapes() throws {
    let golden = try Golden("convolution")
    let expected = golden.names.filter { $0.hasPrefix("parameter.") }.map { String($0.dropFirst(10)) }
    let layout = try ParameterLayout.textCNN(TinyTextCNN.configuration, outputs: 4)
    #expect(Set(layout.entries.map(\.name)) == Set(expected))
    for entry in layout.entries { #expect(try entry.shape == golden.shape("parameter.\(entry.name)"), "\(entry.name)") }
  }

  private func train(shards: Int, threads: Int = 1, dropout: Double) throws -> ShardedPass {
    let tiny = try TinyTextCNN(dropout: dropout)
    return try ShardedPass(
      tiny.model.layout, values: tiny.values, batch: tiny.batch, labels: tiny.golden.integers("labels"),
      shards: shards, threads: threads
    ) { [model = tiny.model] batch, binding, graph in
      try model.logits(model.features(of: batch, with: binding, in: graph), of: batch, with: binding, in: graph)
    }
  }

  @Test(arguments: [0, 0.5])
  func threadsAndCutsDoNotMatter(dropout: Double) throws {
    let one = try train(shards: 3, dropout: dropout)
    #expect(one.loss.isFinite)
    for threads in 2...3 { #expect(try train(shards: 3, threads: threads, dropout: dropout) == one) }
    for shards in [1, 2, 9] {
      let cut = try train(shards: shards, dropout: dropout)
      #expect(abs(cut.loss - one.loss) < 1e-5)
      #expect(relativeDifference(cut.gradients, one.gradients) < 1e-5)
    }
  }

  @Test func initialValues() throws {
    let model = try TextCNN(TextCNNConfiguration(vocabularySize: 500, embeddingSize: 20), outputs: 2)
    let values: FlatBuffer<Float> = model.initialValues(seed: 7)
    #expect(values[0..<20].allSatisfy { $0 == 0 })
    for entry in model.layout.entries.dropFirst() {
      let inputs =
        entry.name.hasPrefix("classifier")
        ? 300 : 20 * (entry.name.contains(".0.") ? 3 : entry.name.contains(".1.") ? 4 : 5)
      let (bound, drawn) = (1 / Double(inputs).squareRoot(), values[entry.range].map { Double($0) })
      #expect(drawn.allSatisfy { abs($0) <= bound }, "\(entry.name)")
      guard entry.count >= 1_000 else { continue }
      let spread = (drawn.reduce(0) { $0 + $1 * $1 } / Double(drawn.count)).squareRoot()
      #expect(abs(spread / (bound / 3.0.squareRoot()) - 1) < 0.06, "\(entry.name)")
    }
  }

  @Test func configuration() throws {
    var configuration = TextCNNConfiguration(
      vocabularySize: 40, embeddingSize: 5, filterWidths: [2, 7], filterCount: 6, dropout: 0.25)
    (configuration.labels, configuration.paddingToken) = (["no", "yes"], 4)
    #expect(configuration.faults.isEmpty && configuration.featureSize == 12)
    let again = try JSONDecoder().decode(TextCNNConfiguration.self, from: JSONEncoder().encode(configuration))
    #expect(again == configuration)
    for text in [#"{"model_type": "bert"}"#, #"{"filter_widths": 3}"#, #"{"id2label": {"1": "a"}}"#, "[]"] {
      #expect(throws: DecodingError.self) {
        try JSONDecoder().decode(TextCNNConfiguration.self, from: Data(text.utf8))
      }
    }
    #expect(throws: TensorError.self) { try TextCNN(configuration, outputs: 0) }
    (configuration.vocabularySize, configuration.filterCount, configuration.dropout) = (0, .max, 1)
    (configuration.embeddingSize, configuration.filterWidths) = (-1, [0, 3])
    #expect(configuration.faults.count == 5)
    configuration.filterWidths = []
    #expect(configuration.faults.count == 5)
    #expect(throws: TensorError.self) { try TextCNN(configuration, outputs: 2) }
    var huge = TextCNNConfiguration(vocabularySize: 1 << 24, embeddingSize: 1 << 15)
    #expect(huge.faults.isEmpty)
    #expect(throws: TensorError.self) { try TextCNN(huge, outputs: 2) }
    huge.filterWidths = Array(repeating: 3, count: 1 << 20)
    #expect(huge.faults.count == 1)
  }

  @Test func aWrongTokenIsRefused() throws {
    let tiny = try TinyTextCNN()
    let graph = try Graph<Float>()
    graph.begin(recording: false)
    #expect(throws: TensorError.index(operation: "embedding of words", value: -1, limit: 30)) {
      let model = ParameterBinding(tiny.model.layout, values: tiny.values)
      _ = try tiny.model.features(of: PackedBatch([[1, -1]]), with: model, in: graph)
    }
  }
}
