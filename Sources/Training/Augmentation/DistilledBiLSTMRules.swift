/// How Tang et al. 2019 ("Distilling Task-Specific Knowledge from BERT into Simple Neural Networks", §3.3) make a transfer
/// set: masking, replacement within a part of speech, and n-gram sampling.
public struct DistilledBiLSTMRules: Sendable, Hashable, Codable {
  /// Whose value the probability of n-grams has.
  public enum Convention: String, Sendable, Codable {
    /// 0.25, as the paper says.
    case paper
    /// 0, as the authors' program has it: texts keep their length.
    case referenceCode

    public var nGramProbability: Double { self == .paper ? 0.25 : 0 }
  }

  /// Attempts at each example (n_iter); nil makes 20 of a text and 10 of a pair.
  public var copies: Int?
  /// p_mask: a word becomes the mask with this probability.
  public var maskProbability: Double
  /// p_pos: a word becomes one of the same part of speech with this probability.
  public var samePartProbability: Double
  /// p_ng: of a text a random n-gram alone is left with this probability.
  public var nGramProbability: Double
  /// n is uniform in 1 … this.
  public var longestNGram: Int
  /// What stands for a masked word: the mask as the tokenizer writes it.
  public var maskToken: String

  public init(
    copies: Int? = nil, maskProbability: Double = 0.1, samePartProbability: Double = 0.1,
    nGramProbability: Double = Convention.paper.nGramProbability, longestNGram: Int = 5, maskToken: String = "[MASK]"
  ) {
    self.copies = copies
    self.maskProbability = maskProbability
    self.samePartProbability = samePartProbability
    self.nGramProbability = nGramProbability
    self.longestNGram = longestNGram
    self.maskToken = maskToken
  }

  /// What is wrong with the values: a field and a sentence each.
  public var faults: [(field: String, message: String)] {
    var faults: [(String, String)] = []
    if let copies, !(1...VariantLimits.copies).contains(copies) {
      faults.append(("copies", "\(copies) copies are asked for, not 1 … \(VariantLimits.copies)."))
    }
    for (field, value) in [
      ("maskProbability", maskProbability), ("samePartProbability", samePartProbability),
      ("nGramProbability", nGramProbability),
    ] where !(0...1).contains(value) {
      faults.append((field, "The probability is \(value), not in 0 … 1."))
    }
    if maskProbability + samePartProbability > 1 {
      faults.append(
        ("samePartProbability", "Masking and replacement add up to \(maskProbability + samePartProbability), above 1."))
    }
    if !(1...VariantLimits.copies).contains(longestNGram) {
      faults.append(("longestNGram", "The longest n-gram has \(longestNGram) words, not at least 1."))
    }
    if maskToken.isEmpty || maskToken.contains(where: \.isWhitespace) {
      faults.append(("maskToken", "“\(maskToken)” is no token: it is empty or has white space."))
    }
    return faults
  }
}

enum VariantLimits {
  /// More copies of one example than anybody wants.
  static let copies = 100_000
}
