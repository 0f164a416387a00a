import Declaring
import Models
import Training

/// Augmentation by the rules of Jiao et al. 2020: content words exchanged for what a language model, or word vectors,
/// would put in their place.
public struct TinyBERTRecipe: Sendable, Hashable, Codable {
  public var rules: TinyBERTRules
  /// Word vectors in GloVe's text format for words of several pieces; without them such words stay.
  public var vectors: SourceFile?

  public init(_ rules: TinyBERTRules, vectors: SourceFile? = nil) {
    self.rules = rules
    self.vectors = vectors
  }

  /// The rules of Jiao et al. 2020, with the values of their program.
  ///
  /// - Parameters:
  ///   - copies: N_a, attempts at each text (of a pair at each side).
  ///   - candidates: K, for each word.
  ///   - probability: p_t, that a content word is exchanged.
  ///   - vectors: such as `"glove.6B.300d.txt"`: the first 100,000 words are used.
  ///   - context: what the language model sees beside the masked text.
  ///   - stopWords: words in lower case that stay; nil for English function words.
  public static func tinyBERT(
    copies: Int = 20, candidates: Int = 15, probability: Double = 0.4, vectors: SourceFile? = nil,
    context: TinyBERTRules.Context = .original, stopWords: Set<String>? = nil
  ) -> TinyBERTRecipe {
    let rules = TinyBERTRules(
      copies: copies, candidates: candidates, probability: probability, context: context, stopWords: stopWords)
    return TinyBERTRecipe(rules, vectors: vectors)
  }

  func check(_ forecast: inout Forecast, language: Facts) {
    for (field, message) in rules.faults { forecast.fault("recipe.\(field)", message, remedy: "Change this option.") }
    if let vocabulary = language.vocabulary {
      forecast.require(
        rules.candidates <= vocabulary, "recipe.candidates",
        "\(rules.candidates) candidates are asked for; the language model knows \(vocabulary) tokens.",
        remedy: "Ask for fewer; 15 is usual.")
    }
    if let positions = language.positions {
      forecast.require(
        positions >= 5, "language", "The language model takes \(positions) tokens: a masked word has no room.",
        remedy: "Give a model with at least 5 positions; twice the length of the texts is best.")
    }
  }

  func augmenter(_ language: FilePath, seed: UInt64, _ context: StageContext) throws -> TinyBERTAugmenter {
    let vectors = try vectors.map { try WordVectors(reading: context.load($0), named: $0.path.string) }
    return try TinyBERTAugmenter(
      rules, language: InferenceModel(folder: language), vectors: vectors, seed: seed)
  }
}
