import Declaring
import Training

/// Texts whose tokens a model keeps.
public enum VocabularyTexts: Codable, Sendable {
  case corpus(Ref<Corpus>)
  case task(Ref<TaskData<AnyTask>>)

  /// The texts of a task's examples.
  public static func examples<Kind: TaskKind>(_ data: Ref<TaskData<Kind>>) -> VocabularyTexts { .task(data.examples) }

  /// How many there are, where that is known.
  func examples(in forecast: Forecast) -> Int? {
    switch self {
    case .corpus(let corpus): forecast[corpus].examples
    case .task(let data): forecast[data].examples
    }
  }

  func texts(_ context: StageContext) throws -> [String] {
    switch self {
    case .corpus(let corpus): try context.load(corpus).passages()
    case .task(let data): try context.load(data).examples().flatMap { [$0.text] + ($0.pair.map { [$0] } ?? []) }
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
