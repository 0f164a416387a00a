import Declaring
import Models
import Tensors
import Training

/// A classifier of any precision that answers texts, as it would where it is deployed.
struct Answerer {
  private let model: InferenceModel
  private let tokenizer: BertTokenizer
  private let team: ThreadTeam?
  private let length: Int
  private static let groupSize = 32

  init(reading folder: FilePath, team: ThreadTeam?, length: Int) throws {
    model = try InferenceModel(folder: folder)
    tokenizer = try ModelFolder.tokenizer(of: folder, for: model.configuration)
    self.team = team
    self.length = min(length, model.configuration.longestInput)
  }

  /// - Throws: where the data's labels are not the model's.
  func requireLabels(_ labels: [String]) throws {
    guard labels == model.labels else {
      throw RetortError(
        "evaluate.labels", "The model's labels are \(model.labels), the data's \(labels).",
        remedy: "Use a model and data of the same task.", at: Place(field: "model"))
    }
  }

  func encoded(_ examples: [LabelledExample]) throws -> EncodedTexts {
    try EncodedTexts(examples, by: tokenizer, longest: length)
  }

  /// The class of each example, in fixed groups.
  func answers(to examples: [LabelledExample], afterGroup: (_ done: Int) throws -> Void) throws -> [Int] {
    let texts = try encoded(examples)
    var answers: [Int] = []
    for start in stride(from: 0, to: texts.count, by: Self.groupSize) {
      let members = start..<min(start + Self.groupSize, texts.count)
      for row in try model.logits(texts.packed(members), on: team) { answers.append(Self.largest(row)) }
      try afterGroup(answers.count)
    }
    return answers
  }

  /// Runs all texts in batches.
  func run(_ texts: EncodedTexts, batch: Int) throws {
    for start in stride(from: 0, to: texts.count, by: batch) {
      _ = try model.logits(texts.packed(start..<min(start + batch, texts.count)), on: team)
    }
  }

  /// Runs one text alone.
  func run(_ texts: EncodedTexts, at index: Int) throws {
    _ = try model.logits(texts.packed(CollectionOfOne(index)), on: team)
  }

  /// The place of the largest output, the first of equals.
  private static func largest(_ row: [Float]) -> Int {
    var best = 0
    for place in row.indices where row[place] > row[best] { best = place }
    return best
  }
}
