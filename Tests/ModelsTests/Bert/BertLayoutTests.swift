import Foundation
import Models
import RetortTesting
import Tensors
import Testing

struct BertLayoutTests {
  struct Published: Sendable {
    var vocabulary = 30_522
    var hidden, layers, heads, intermediate, parameters: Int
  }

  /// Counts of published checkpoints with pooler (techniques.md §3.4).
  @Test(arguments: [
    Published(hidden: 768, layers: 12, heads: 12, intermediate: 3_072, parameters: 109_482_240),
    Published(hidden: 1_024, layers: 24, heads: 16, intermediate: 4_096, parameters: 335_141_888),
    Published(hidden: 312, layers: 4, heads: 12, intermediate: 1_200, parameters: 14_350_248),
    Published(hidden: 768, layers: 6, heads: 12, intermediate: 3_072, parameters: 66_955_008),
    Published(hidden: 384, layers: 12, heads: 12, intermediate: 1_536, parameters: 33_360_000),
    Published(hidden: 384, layers: 6, heads: 12, intermediate: 1_536, parameters: 22_713_216),
  ])
  func parameterCounts(published: Published) throws {
    let configuration = BertConfiguration(
      vocabularySize: published.vocabulary, hiddenSize: published.hidden, layerCount: published.layers,
      headCount: published.heads, intermediateSize: published.intermediate)
    #expect(try ParameterLayout.bert(configuration, head: .encoder).parameterCount == published.parameters)
  }

  /// Names and shapes are those of the reference's state dictionary, no more and no fewer.
  @Test(arguments: [
    ("classifier", BertHead.classifier(labels: 3)), ("regression", .regression), ("maskedLM", .maskedLM),
  ])
  func namesAndShapes(name: String, head: BertHead) throws {
    let golden = try Golden("bert")
    let prefix = "\(name).parameter."
    let expected = golden.names.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    let layout = try ParameterLayout.bert(TinyBert.configuration, head: head)
    #expect(Set(layout.entries.map(\.name)) == Set(expected))
    for entry in layout.entries { #expect(try entry.shape == golden.shape(prefix + entry.name), "\(entry.name)") }
  }

  @Test func initialValues() throws {
    var configuration = TinyBert.configuration
    configuration.vocabularySize = 2_000
    let bert = try Bert(configuration, head: .classifier(labels: 3))
    let values: FlatBuffer<Float> = bert.initialValues(seed: 7)
    let words = values[try bert.layout.entry("bert.embeddings.word_embeddings.weight").range]
    let spread = (words.reduce(0) { $0 + Double($1) * Double($1) } / Double(words.count)).squareRoot()
    #expect(abs(spread - 0.02) < 5e-4)
    #expect(words[0..<24].allSatisfy { $0 == 0 })
    #expect(values[try bert.layout.entry("bert.embeddings.LayerNorm.weight").range].allSatisfy { $0 == 1 })
    #expect(values[try bert.layout.entry("classifier.bias").range].allSatisfy { $0 == 0 })
    #expect(values[0..<values.count] == bert.initialValues(seed: 7, as: Float.self)[0..<values.count])
    #expect(values[0..<values.count] != bert.initialValues(seed: 8, as: Float.self)[0..<values.count])

    let copy = values.copy()
    bert.initialise(["classifier.weight"], of: copy, seed: 9)
    let changed = bert.layout.entries.filter { copy[$0.range] != values[$0.range] }
    #expect(changed.map(\.name) == ["classifier.weight"])
  }

  @Test func prunedBlocksShrink() throws {
    var configuration = TinyBert.configuration
    configuration.blockShapes = [
      .init(headCount: 2, intermediateSize: 11), .init(headCount: 3, intermediateSize: 40),
    ]
    let bert = try Bert(configuration, head: .encoder)
    #expect(try bert.layout.entry("bert.encoder.layer.0.attention.self.key.weight").shape == [16, 24])
    #expect(try bert.layout.entry("bert.encoder.layer.0.attention.output.dense.weight").shape == [24, 16])
    #expect(try bert.layout.entry("bert.encoder.layer.0.output.dense.weight").shape == [24, 11])
    let graph = try Graph<Float>()
    graph.begin(recording: false)
    let model = ParameterBinding(bert.layout, values: bert.initialValues(seed: 1, as: Float.self))
    let states = try bert.encode(PackedBatch([[1, 2, 3], [4]]), with: model, in: graph)
    #expect(states.last.values.allSatisfy { $0.isFinite })
  }
}

struct BertConfigurationTests {
  @Test func readsAConfigurationOfTheReference() throws {
    let text = """
      {"architectures": ["BertForSequenceClassification"], "model_type": "bert", "vocab_size": 1000, "hidden_size": 64,
       "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 256, "hidden_act": "gelu",
       "hidden_dropout_prob": 0.2, "attention_probs_dropout_prob": 0.3, "max_position_embeddings": 128,
       "type_vocab_size": 1, "initializer_range": 0.05, "layer_norm_eps": 1e-05, "pad_token_id": 3,
       "gradient_checkpointing": false, "id2label": {"1": "good", "0": "bad"}, "label2id": {"bad": 0, "good": 1}}
      """
    let configuration = try JSONDecoder().decode(BertConfiguration.self, from: Data(text.utf8))
    #expect(configuration.hiddenSize == 64 && configuration.layerCount == 3 && configuration.headSize == 16)
    #expect(configuration.hiddenDropout == 0.2 && configuration.attentionDropout == 0.3)
    #expect(configuration.layerNormEpsilon == 1e-5 && configuration.paddingToken == 3)
    #expect(configuration.labels == ["bad", "good"])
    #expect(configuration.faults.isEmpty)
    let again = try JSONDecoder().decode(BertConfiguration.self, from: JSONEncoder().encode(configuration))
    #expect(again == configuration)
  }

  @Test(arguments: [
    #"{"model_type": "gpt2"}"#, #"{"vocab_size": "many"}"#, #"{"id2label": {"0": "a", "2": "b"}}"#, "[]",
  ])
  func refuses(text: String) {
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(BertConfiguration.self, from: Data(text.utf8)) }
  }

  @Test func faults() throws {
    var configuration = TinyBert.configuration
    #expect(configuration.faults.isEmpty)
    (configuration.headCount, configuration.activation, configuration.hiddenDropout) = (5, "swish", 1)
    configuration.vocabularySize = 0
    configuration.blockShapes = [.init(headCount: 0, intermediateSize: 1)]
    #expect(configuration.faults.count == 6)
    #expect(throws: TensorError.self) { try Bert(configuration, head: .encoder) }
    #expect(throws: TensorError.self) { try Bert(TinyBert.configuration, head: .classifier(labels: 0)) }
    var huge = TinyBert.configuration
    (huge.vocabularySize, huge.hiddenSize, huge.headCount) = (1 << 24, 1 << 15, 1)
    #expect(huge.faults.isEmpty)
    #expect(throws: TensorError.self) { try Bert(huge, head: .encoder) }
    huge.layerCount = Int.max
    #expect(huge.faults.count == 1)
  }

  @Test func shardsCutByTokens() throws {
    let batch = try PackedBatch([[1, 1, 1, 1, 1, 1], [2], [3], [4, 4], [5, 5]])
    let shards = batch.shards(2)
    #expect(shards.map(\.examples) == [0..<1, 1..<5])
    #expect(shards.map(\.firstRow) == [0, 6])
    #expect(shards[1].offsets == [0, 1, 2, 4, 6])
    #expect(shards[1].ids == [2, 3, 4, 4, 5, 5])
    #expect(batch.shards(9).map(\.sequenceCount).reduce(0, +) == 5)
    #expect(throws: TensorError.self) { try PackedBatch([[1], []]) }
    #expect(throws: TensorError.self) { try PackedBatch([[1]], types: [[0, 0]]) }
  }

  /// BERT-base's blocks have 12 · 12 · 768² weights: 170 million operations a token. Half the heads and half the neurons
  /// are half of both.
  @Test func operationsPerToken() {
    var base = BertConfiguration()
    #expect(base.blockWeights == 12 * 12 * 768 * 768)
    #expect(base.operationsPerToken == 169_869_312)
    base.blockShapes = (0..<12).map { _ in .init(headCount: 6, intermediateSize: 1_536) }
    #expect(base.operationsPerToken == 84_934_656)
  }
}
