import Foundation
import Models
import Tensors
import Training

/// A planted problem for a tiny BERT: three classes told by which of three words a text holds.
enum TinyTask {
  static let vocabulary = 40
  static let classes = 3

  static func bert(head: BertHead, dropout: Double = 0.1) throws -> Bert {
    try Bert(
      BertConfiguration(
        vocabularySize: vocabulary, hiddenSize: 16, layerCount: 2, headCount: 2, intermediateSize: 24,
        maximumPositions: 16, dropout: dropout), head: head)
  }

  /// Texts between [CLS] (2) and [SEP] (3); the class is the one of the words 5, 6, 7 that is in it.
  static func texts(_ count: Int) -> (texts: EncodedTexts, labels: [Int32]) {
    var random = RandomStream(seed: 3, purpose: .generation)
    var ids: [[Int32]] = []
    var labels: [Int32] = []
    for _ in 0..<count {
      var words = (0..<2 + random.integer(below: 7)).map { _ in Int32(8 + random.integer(below: vocabulary - 8)) }
      let label = Int32(random.integer(below: classes))
      words.insert(5 + label, at: random.integer(below: words.count))
      ids.append([2] + words + [3])
      labels.append(label)
    }
    return (EncodedTexts(ids: ids), labels)
  }

  static func classification(_ count: Int = 22, dropout: Double = 0.1) throws -> SequenceTask {
    let (texts, labels) = texts(count)
    return SequenceTask(
      try bert(head: .classifier(labels: classes), dropout: dropout), texts: texts, labels: labels,
      objective: .classification)
  }

  static func distillation(_ count: Int = 22) throws -> SequenceTask {
    let (texts, labels) = texts(count)
    let teacher = labels.flatMap { label in (0..<classes).map { Float($0 == Int(label) ? 2 : -1) } }
    return SequenceTask(
      try bert(head: .classifier(labels: classes)), texts: texts, labels: labels, teacher: teacher,
      objective: .hinton())
  }

  static func maskedLM(_ count: Int = 22) throws -> MaskedLMTask {
    let masker = TokenMasker(
      TokenMasking(), seed: 5, mask: 4, specials: [0, 1, 2, 3, 4], vocabulary: vocabulary)
    return MaskedLMTask(try bert(head: .maskedLM), texts: texts(count).texts, masker: masker)
  }

  static let options = TrainingOptions(
    epochs: 2, batchSize: 8, shards: 3, optimiser: AdamW(learningRate: 2e-3),
    schedule: LearningRateSchedule(warmup: 0.2))
}

extension FlatBuffer<Float> {
  /// The elements' bits.
  var bits: [UInt32] { self[0..<count].map(\.bitPattern) }
}
