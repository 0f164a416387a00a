import Declaring
import Models
import Training

/// What a student starts as.
public enum Student: Codable, Sendable {
  /// A new model with the teacher's vocabulary and random weights.
  case shape(BertShape)
  /// The encoder of another model, with a new head.
  case model(Ref<Model<EncoderOnly>>)
  /// Some of the teacher's blocks, from 0, with all that is around them.
  case blocks([Int])
  /// As many of the teacher's blocks as `layers` says, chosen by a map, with all that is around them.
  case thinned(layers: Int, by: LayerMap)

  /// A new model: `.bert(layers: 2, hidden: 64)`.
  public static func bert(
    layers: Int, hidden: Int, heads: Int? = nil, intermediate: Int? = nil, positions: Int = 128, dropout: Double = 0.1
  ) -> Student {
    .shape(
      .bert(
        layers: layers, hidden: hidden, heads: heads, intermediate: intermediate, positions: positions,
        dropout: dropout))
  }

  /// The teacher's blocks as `uniform` chooses them, whatever its depth: every second one, every third one.
  public static func thinned(layers: Int) -> Student { .thinned(layers: layers, by: .uniform) }

  /// What planning knows of the student, and what is wrong with it.
  func forecast(_ forecast: inout Forecast, teacher: Facts) -> Facts {
    switch self {
    case .shape(let shape):
      shape.check(&forecast, field: "student")
      var facts = shape.facts
      facts.vocabulary = teacher.vocabulary
      facts.tokenizer = teacher.tokenizer
      return facts
    case .model(let model):
      let facts = forecast[model]
      forecast.check(trainable: facts, field: "student")
      forecast.check(tokenizer: teacher, and: facts, field: "student")
      return facts
    case .blocks(let blocks):
      forecast.require(
        !blocks.isEmpty, "student", "The student keeps none of the teacher's blocks.", remedy: "Name at least one.")
      forecast.require(
        zip(blocks, blocks.dropFirst()).allSatisfy { $0 < $1 }, "student",
        "The blocks \(blocks) do not ascend.", remedy: "Name each block once, from the lowest to the highest.")
      let count = teacher.layers ?? .max
      forecast.require(
        blocks.allSatisfy { $0 >= 0 && $0 < count }, "student",
        "The teacher has \(teacher.layers.map(String.init) ?? "no such") blocks; \(blocks) are asked for.",
        remedy: "Number blocks from 0.")
      return thinned(teacher, to: blocks.count)
    case .thinned(let layers, let map):
      forecast.require(layers >= 1, "student", "The student has \(layers) blocks.", remedy: "Keep at least one.")
      if layers >= 1, let count = teacher.layers {
        do {
          let chosen = try map.pairs(teacher: count, student: layers).count
          forecast.require(
            chosen == layers, "student", "The map chooses \(chosen) blocks of \(layers).",
            remedy: "Use one that serves every block, such as .uniform.")
        } catch {
          forecast.fault("student", error)
        }
      }
      return thinned(teacher, to: layers)
    }
  }

  private func thinned(_ teacher: Facts, to layers: Int) -> Facts {
    var facts = teacher
    facts.layers = layers
    facts.parameters = nil
    return facts
  }

  /// The model before training.
  ///
  /// - Parameters: head, labels: what stands on the student's encoder.
  func initial(
    _ context: StageContext, teacher: StoredModel, head: BertHead, labels: [String] = [], seed: UInt64
  ) throws -> StoredModel {
    switch self {
    case .shape(let shape):
      var configuration = shape.configuration(vocabulary: teacher.bert.configuration.vocabularySize)
      configuration.labels = labels
      configuration.paddingToken = teacher.bert.configuration.paddingToken
      let bert = try Bert(configuration, head: head)
      return StoredModel(bert, values: bert.initialValues(seed: seed), tokenizer: teacher.tokenizer)
    case .model(let model):
      let base = try StoredModel(reading: context.load(model).folder)
      guard base.tokenizer.digest == teacher.tokenizer.digest else {
        throw RetortError(
          "distill.vocabulary", "The teacher and the student do not have the same vocabulary.",
          remedy: "Train both from one vocabulary stage, or one of them from the other.", at: Place(field: "student"))
      }
      return try base.replacingHead(head, labels: labels, seed: seed)
    case .blocks(let blocks): return try keeping(blocks, of: teacher, head: head, labels: labels, seed: seed)
    case .thinned(let layers, let map):
      let pairs = try map.pairs(teacher: teacher.bert.configuration.layerCount, student: layers)
      return try keeping(pairs.map(\.teacher.value), of: teacher, head: head, labels: labels, seed: seed)
    }
  }

  private func keeping(
    _ blocks: [Int], of teacher: StoredModel, head: BertHead, labels: [String], seed: UInt64
  ) throws -> StoredModel {
    let count = teacher.bert.configuration.layerCount
    guard !blocks.isEmpty, blocks.allSatisfy({ (0..<count).contains($0) }) else {
      throw RetortError(
        "distill.blocks", "The teacher has blocks 0 ..< \(count); \(blocks) are asked for.",
        remedy: "Name blocks that it has.", at: Place(field: "student"))
    }
    return try teacher.keeping(blocks: blocks, head: head, labels: labels, seed: seed)
  }
}
