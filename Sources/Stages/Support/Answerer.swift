import Declaring
import Models
import Tensors
import Training

/// A classifier of any precision that answers texts.
struct Answerer {
  private let model: StoredModel
  private let outputs: TextOutputs
  private let length: Int

  init(reading folder: FilePath, team: ThreadTeam, length: Int) throws {
    model = try StoredModel(reading: folder)
    outputs = try TextOutputs(model.bert, team: team)
    self.length = length
  }

  var labels: [String] { model.bert.configuration.labels }

  /// - Throws: where the data's labels are not the model's.
  func requireLabels(_ labels: [String]) throws {
    guard labels == self.labels else {
      throw RetortError(
        "evaluate.labels", "The model's labels are \(self.labels), the data's \(labels).",
        remedy: "Use a model and data of the same task.", at: Place(field: "model"))
    }
  }

  func encoded(_ examples: [LabelledExample]) throws -> EncodedTexts {
    try EncodedTexts(examples, by: model.tokenizer, longest: length)
  }

  /// The class of each example.
  func answers(to examples: [LabelledExample], afterGroup: (Int) throws -> Void) throws -> [Int] {
    let texts = try encoded(examples)
    let logits = try outputs.logits(of: texts, values: model.values)
    try afterGroup(examples.count)
    let width = labels.count
    return (0..<examples.count).map { index in
      let row = logits[index * width..<(index + 1) * width]
      var best = row.startIndex
      for place in row.indices where row[place] > row[best] { best = place }
      return best - row.startIndex
    }
  }

  func warmUp(_ texts: EncodedTexts) throws { _ = try outputs.logits(of: texts, values: model.values) }
  func run(_ texts: EncodedTexts, batch: Int) throws { _ = try outputs.logits(of: texts, values: model.values) }
  func run(_ texts: EncodedTexts, at index: Int) throws {
    _ = try outputs.logits(of: EncodedTexts(ids: [texts.ids[index]]), values: model.values)
  }
}
