import Artifacts
import Models
import Tensors

/// A model of any precision that answers the examples of a task, as it would where it is deployed.
public struct TaskAnswerer: Sendable {
  private let model: InferenceModel
  private let tokenizer: any Tokenizer
  private let team: ThreadTeam?
  /// The most tokens of a text.
  public let length: Int
  private static let groupSize = 32

  /// - Parameters:
  ///   - team: threads to compute with; nil for the caller's alone. Answers do not depend on it.
  ///   - length: longer texts are cut to this many tokens; nil takes what the model has positions for.
  public init(reading folder: FilePath, team: ThreadTeam?, length: Int? = nil) throws {
    model = try InferenceModel(folder: folder)
    tokenizer = try ModelFolder.tokenizer(of: folder, for: model.configuration)
    self.team = team
    self.length = min(length ?? .max, model.configuration.longestInput)
  }

  public var labels: [String] { model.labels }
  public var head: BertHead { model.head }

  /// - Throws: `evaluate.head` where the model's head cannot answer such a task, `evaluate.labels` where its labels are
  ///   others.
  public func require(_ form: TaskForm, labels: [String]) throws {
    guard form.isAnswered(by: model.head) else {
      throw RetortError(
        "evaluate.head", "The model's head, \(model.head.words), gives no answers for \(form.rawValue).",
        remedy: "Fine-tune it on such data first.", at: Place(field: "model"))
    }
    guard !form.hasLabels || labels == model.labels else {
      throw RetortError(
        "evaluate.labels", "The model's labels are \(model.labels), the data's \(labels).",
        remedy: "Use a model and data of the same task.", at: Place(field: "model"))
    }
  }

  public func encoded(_ examples: [LabelledExample], form: TaskForm, names: [String]) throws -> TaskExamples {
    try TaskExamples(examples, form: form, names: names, by: tokenizer, length: length)
  }

  /// Examples as texts alone, whatever is right.
  public func texts(_ examples: [LabelledExample]) throws -> EncodedTexts {
    if model.head.answersTokens { return try TaggedWords(examples, by: tokenizer, longest: length).texts }
    return try EncodedTexts(examples, by: tokenizer, longest: length)
  }

  /// The answers to examples, in fixed groups.
  public func predictions(
    for examples: TaskExamples, afterGroup: (_ done: Int) throws -> Void = { _ in }
  ) throws -> TaskPredictions {
    var outputs: [Float] = []
    for start in stride(from: 0, to: examples.count, by: Self.groupSize) {
      let members = start..<min(start + Self.groupSize, examples.count)
      for row in try rows(examples.texts.packed(members)) { outputs += row }
      try afterGroup(members.upperBound)
    }
    return examples.predictions(from: outputs, width: model.head.outputs)
  }

  /// Runs all texts in batches, for what it takes.
  public func run(_ texts: EncodedTexts, batch: Int) throws {
    for start in stride(from: 0, to: texts.count, by: batch) {
      _ = try rows(texts.packed(start..<min(start + batch, texts.count)))
    }
  }

  /// Runs one text alone.
  public func run(_ texts: EncodedTexts, at index: Int) throws { _ = try rows(texts.packed(CollectionOfOne(index))) }

  private func rows(_ batch: PackedBatch) throws -> [[Float]] {
    try model.head.answersTokens ? model.tokenLogits(batch, on: team) : model.logits(batch, on: team)
  }
}

extension BertHead {
  /// What it is called in messages.
  public var words: String {
    switch self {
    case .encoder: "none"
    case .maskedLM: "one that predicts masked words"
    case .classifier(let labels): "a classifier of \(labels) labels"
    case .regression: "one number"
    case .tagger(let labels): "a tagger of \(labels) labels"
    }
  }
}
