import Artifacts
import Declaring
import Foundation
import Models
import RetortTesting
import Tensors
import Training

@testable import Stages

/// Makes a classifier that gives every text the same answer: its figures are known beforehand.
struct ConstantModel: Stage {
  static let id = "test.constant-model"
  static let version = 1
  static let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "bad"]

  /// The class that it answers with.
  var answer: Int
  var layers = 1

  func run(_ context: StageContext) async throws -> Model<Classifier> {
    let folder = try context.folder()
    return Model(folder: folder, facts: try Self.write(answer: answer, layers: layers, to: folder))
  }

  static func write(answer: Int, layers: Int, to folder: FilePath) throws -> Facts {
    var configuration = BertConfiguration(
      vocabularySize: words.count, hiddenSize: 8, layerCount: layers, headCount: 2, intermediateSize: 16,
      maximumPositions: 16)
    configuration.labels = ["negative", "positive"]
    let bert = try Bert(configuration, head: .classifier(labels: 2))
    let values: FlatBuffer<Float> = bert.initialValues(seed: UInt64(layers))
    values.write([Float](repeating: 0, count: 16), at: try bert.layout.entry("classifier.weight").offset)
    values.write([answer == 0 ? 1 : 0, answer == 1 ? 1 : 0], at: try bert.layout.entry("classifier.bias").offset)
    return try StoredModel(bert, values: values, tokenizer: BertTokenizer(table: TokenTable(words))).write(to: folder)
  }
}

/// Texts of which three of four are negative.
struct FourTexts: Stage {
  static let id = "test.four-texts"
  static let version = 1

  func run(_ context: StageContext) async throws -> TaskData<Classification> {
    try TaskData(
      writing: [("bad", 0), ("bad bad", 0), ("good", 1), ("bad good", 0)].map {
        LabelledExample($0.0, target: .label($0.1))
      }, labels: ["negative", "positive"], to: context.folder())
  }
}
