import Declaring
import Training

/// Texts whose tokens a model keeps.
public enum VocabularyTexts: Codable, Sendable {
  case corpus(Ref<Corpus>)
  case examples(Ref<TaskData<Classification>>)

  /// How many there are, where that is known.
  func examples(in forecast: Forecast) -> Int? {
    switch self {
    case .corpus(let corpus): forecast[corpus].examples
    case .examples(let data): forecast[data].examples
    }
  }

  func texts(_ context: StageContext) throws -> [String] {
    switch self {
    case .corpus(let corpus): try context.load(corpus).passages()
    case .examples(let data): try context.load(data).examples().flatMap { [$0.text] + ($0.pair.map { [$0] } ?? []) }
    }
  }
}

extension Facts {
  private static let prunedVocabularyKey = "prunedVocabulary"

  /// Whether a stage that has not run yet will take words out, so that the tokenizer's digest is not known.
  var hasPrunedVocabulary: Bool {
    get { other[Self.prunedVocabularyKey] != nil }
    set { other[Self.prunedVocabularyKey] = newValue ? "true" : nil }
  }
}
