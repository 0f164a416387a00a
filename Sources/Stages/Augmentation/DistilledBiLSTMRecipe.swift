import Declaring
import Training

/// Augmentation by the rules of Tang et al. 2019: words masked or replaced within their part of speech, n-grams.
public struct DistilledBiLSTMRecipe: Sendable, Hashable, Codable {
  public var rules: DistilledBiLSTMRules
  /// Needed where words are replaced within their part of speech.
  public var partsOfSpeech: PartsOfSpeech?

  public init(_ rules: DistilledBiLSTMRules, partsOfSpeech: PartsOfSpeech? = nil) {
    self.rules = rules
    self.partsOfSpeech = partsOfSpeech
  }

  /// The rules of Tang et al. 2019.
  ///
  /// - Parameters:
  ///   - convention: decides p_ng: 0.25 as in the paper, or 0 as in its program.
  ///   - partsOfSpeech: such as `.conllu("en.conllu")`; without it `samePart` must be 0.
  ///   - copies: n_iter, attempts at each example; nil makes 20 of a text and 10 of a pair.
  ///   - masking: p_mask.
  ///   - samePart: p_pos, the probability that a word becomes another of its part of speech.
  public static func distilledBiLSTM(
    _ convention: DistilledBiLSTMRules.Convention = .paper, partsOfSpeech: PartsOfSpeech? = nil, copies: Int? = nil,
    masking: Double = 0.1, samePart: Double = 0.1
  ) -> DistilledBiLSTMRecipe {
    let rules = DistilledBiLSTMRules(
      copies: copies, maskProbability: masking, samePartProbability: samePart,
      nGramProbability: convention.nGramProbability)
    return DistilledBiLSTMRecipe(rules, partsOfSpeech: partsOfSpeech)
  }

  func check(_ forecast: inout Forecast) {
    for (field, message) in rules.faults { forecast.fault("recipe.\(field)", message, remedy: "Change this option.") }
    forecast.require(
      rules.samePartProbability == 0 || partsOfSpeech != nil, "recipe.partsOfSpeech",
      "Words are to be replaced within their part of speech, and nothing says what that is.",
      remedy: "Give partsOfSpeech: .conllu(a treebank) or .table(word and tag), or set samePart to 0.")
  }

  func augmenter(
    _ examples: [LabelledExample], seed: UInt64, _ context: StageContext
  ) throws -> DistilledBiLSTMAugmenter {
    let lexicon = rules.samePartProbability == 0 ? nil : try partsOfSpeech?.lexicon(context)
    let unigrams = lexicon.map { lexicon in
      TaggedUnigrams(of: examples.flatMap { [$0.text] + ($0.pair.map { [$0] } ?? []) }, tags: lexicon)
    }
    return DistilledBiLSTMAugmenter(rules, unigrams: unigrams, seed: seed)
  }
}
