import Foundation
import Models
import RetortTesting
import Tensors
import Testing

struct BiLSTMConfigurationTests {
  /// The published student without its words: a BiLSTM of 150 on 300, a layer of 200 and two classes.
  @Test func parametersOfThePublishedStudent() throws {
    let model = try BiLSTM(BiLSTMConfiguration(vocabularySize: 1_000), outputs: 2)
    let recurrent = 2 * (4 * 150 * (300 + 150) + 2 * 4 * 150)
    #expect(model.layout.parameterCount == 1_000 * 300 + recurrent + (300 * 200 + 200) + (200 * 2 + 2))
    let pairs = try BiLSTM(BiLSTMConfiguration(vocabularySize: 1_000, comparesPairs: true), outputs: 2)
    // The features of pairs are 8 · 150 wide.
    #expect(pairs.layout.parameterCount - model.layout.parameterCount == 6 * 150 * 200)
  }

  @Test func sidesOfPairs() throws {
    let batch = try PackedBatch([[1, 2, 3], [4], [5, 6], [7]], types: [[0, 1, 1], [0], [1, 1], [1]])
    #expect(try batch.sideOffsets() == [0, 1, 3, 4, 4, 4, 6, 6, 7])
    #expect(try PackedBatch().sideOffsets() == [0])
  }

  /// Uniform laws by their bounds and their spread, bound / √3.
  @Test func initialValues() throws {
    let configuration = BiLSTMConfiguration(
      vocabularySize: 2_000, embeddingSize: 30, hiddenSize: 25, layerCount: 2, denseSize: 64, comparesPairs: true)
    let model = try BiLSTM(configuration, outputs: 3)
    let values: FlatBuffer<Float> = model.initialValues(seed: 7)
    let words = values[try model.layout.entry("embedding.weight").range]
    #expect(words[0..<30].allSatisfy { $0 == 0 })
    #expect(abs(spread(words) - 1) < 0.02)
    for entry in model.layout.entries.dropFirst() {
      let bound =
        entry.name.hasPrefix("lstm")
        ? 1 / 25.0.squareRoot()
        : entry.name.hasPrefix("dense") ? 1 / 200.0.squareRoot() : 1 / 64.0.squareRoot()
      let drawn = values[entry.range]
      #expect(drawn.allSatisfy { abs(Double($0)) <= bound }, "\(entry.name)")
      guard entry.count >= 1_000 else { continue }
      #expect(abs(spread(drawn) / (bound / 3.0.squareRoot()) - 1) < 0.06, "\(entry.name)")
    }
    #expect(values[0..<values.count] == model.initialValues(seed: 7, as: Float.self)[0..<values.count])
    #expect(values[0..<values.count] != model.initialValues(seed: 8, as: Float.self)[0..<values.count])
  }

  private func spread(_ values: [Float]) -> Double {
    (values.reduce(0) { $0 + Double($1) * Double($1) } / Double(values.count)).squareRoot()
  }

  @Test func readsWhatItWrote() throws {
    var configuration = BiLSTMConfiguration(
      vocabularySize: 40, embeddingSize: 5, hiddenSize: 6, layerCount: 2, denseSize: 7, dropout: 0.25,
      comparesPairs: true)
    (configuration.labels, configuration.paddingToken) = (["no", "yes"], 4)
    let again = try JSONDecoder().decode(BiLSTMConfiguration.self, from: JSONEncoder().encode(configuration))
    #expect(again == configuration)
    let partial = try JSONDecoder().decode(
      BiLSTMConfiguration.self, from: Data(#"{"model_type": "retort-bilstm", "hidden_size": 9, "other": []}"#.utf8))
    #expect(partial == BiLSTMConfiguration(vocabularySize: 30_522, hiddenSize: 9))
  }

  @Test(arguments: [
    #"{"model_type": "bert"}"#, #"{"hidden_size": "many"}"#, #"{"id2label": {"0": "a", "2": "b"}}"#, "[]",
  ])
  func refuses(text: String) {
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(BiLSTMConfiguration.self, from: Data(text.utf8)) }
  }

  @Test func faults() throws {
    var configuration = BiLSTMConfiguration()
    #expect(configuration.faults.isEmpty)
    #expect(throws: TensorError.self) { try BiLSTM(configuration, outputs: 0) }
    (configuration.vocabularySize, configuration.hiddenSize, configuration.layerCount) = (0, -1, .max)
    (configuration.embeddingSize, configuration.denseSize, configuration.dropout) = (.max, 0, .nan)
    #expect(configuration.faults.count == 6)
    #expect(throws: TensorError.self) { try BiLSTM(configuration, outputs: 2) }
    var huge = BiLSTMConfiguration()
    (huge.vocabularySize, huge.embeddingSize) = (1 << 24, 1 << 15)
    #expect(huge.faults.isEmpty)
    #expect(throws: TensorError.self) { try BiLSTM(huge, outputs: 2) }
  }
}
