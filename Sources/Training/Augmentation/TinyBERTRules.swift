/// How Jiao et al. 2020 ("TinyBERT: Distilling BERT for Natural Language Understanding", §3.3 and algorithm 1) make new
/// examples: content words become what a masked language model, or word vectors, would put in their place.
public struct TinyBERTRules: Sendable, Hashable, Codable {
  /// What a masked language model sees beside the masked text.
  public enum Context: String, Sendable, Codable {
    /// The text as it was, as the second of a pair: the model sees the word it is to replace, and answers with words that
    /// mean the same. For models that were pretrained on pairs, as BERT was.
    case original
    /// Nothing: any word that fits. For models that were pretrained on single passages.
    case alone
  }

  /// N_a: attempts at each text.
  public var copies: Int
  /// K: candidates asked for, for each word; pieces of words among them are left out.
  public var candidates: Int
  /// p_t: a content word is exchanged with this probability.
  public var probability: Double
  public var context: Context
  /// Words that are never exchanged, in lower case; nil for English function words.
  public var stopWords: Set<String>?

  public init(
    copies: Int = 20, candidates: Int = 15, probability: Double = 0.4, context: Context = .original,
    stopWords: Set<String>? = nil
  ) {
    self.copies = copies
    self.candidates = candidates
    self.probability = probability
    self.context = context
    self.stopWords = stopWords
  }

  /// What is wrong with the values: a field and a sentence each.
  public var faults: [(field: String, message: String)] {
    var faults: [(String, String)] = []
    if !(1...VariantLimits.copies).contains(copies) {
      faults.append(("copies", "\(copies) copies are asked for, not 1 … \(VariantLimits.copies)."))
    }
    if candidates < 1 { faults.append(("candidates", "\(candidates) candidates are asked for, not at least 1.")) }
    if !(0...1).contains(probability) {
      faults.append(("probability", "The probability is \(probability), not in 0 … 1."))
    }
    if let word = stopWords?.sorted().first(where: { $0 != $0.lowercased() }) {
      faults.append(("stopWords", "The stop word “\(word)” is not in lower case, in which words are compared."))
    }
    return faults
  }

  /// Whether a word may be exchanged: letters alone, and no stop word.
  public func isContent(_ word: String) -> Bool {
    TextWords.isAlphabetic(word) && !(stopWords ?? StopWords.english).contains(word.lowercased())
  }
}
