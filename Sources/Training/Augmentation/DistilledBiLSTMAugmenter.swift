import Tensors

/// Applies the rules of Tang et al. 2019 to examples.
///
/// The number of an attempt decides its random numbers: more copies add to those that fewer make.
public struct DistilledBiLSTMAugmenter: Augmenter {
  public let rules: DistilledBiLSTMRules
  /// Nil where no word is to be replaced.
  let unigrams: TaggedUnigrams?
  let seed: UInt64

  /// - Parameter unigrams: the words of the corpus by part of speech.
  public init(_ rules: DistilledBiLSTMRules, unigrams: TaggedUnigrams?, seed: UInt64) {
    self.rules = rules
    self.unigrams = unigrams
    self.seed = seed
  }

  public func variants(of examples: ArraySlice<LabelledExample>) throws -> VariantGroup {
    VariantGroup(examples.indices.map { variants(of: examples[$0], at: $0) })
  }

  private func variants(of example: LabelledExample, at index: Int) -> [Variant] {
    let original = Variant(example)
    let sides = original.sides.map { TextWords($0) }
    var found: [Variant] = []
    var known: Set = [original]
    for attempt in 0..<(rules.copies ?? (sides.count == 1 ? 20 : 10)) {
      // 2³² words an attempt: more than any text can use.
      var random = RandomStream(
        seed: seed, purpose: .augmentation, step: index, position: UInt64(attempt) << 32)
      var variant: Variant? = original
      for side in Self.sides(ofAttempt: attempt, at: index, count: sides.count) {
        let text = varied(sides[side], &random)
        variant = text.flatMap { variant?.replacing(side: side, by: $0) }
      }
      if let variant, known.insert(variant).inserted { found.append(variant) }
    }
    return found
  }

  /// The sides that an attempt varies: of a pair the first, the second and both in turn, beginning at each example with
  /// another, so that each is a third of all attempts.
  static func sides(ofAttempt attempt: Int, at index: Int, count: Int) -> [Int] {
    count == 1 ? [0] : [[0], [1], [0, 1]][(attempt + index) % 3]
  }

  /// One variant of a text; nil where no word of it is left.
  func varied(_ text: TextWords, _ random: inout RandomStream) -> String? {
    let words = text.words.map(\.text)
    var varied = words
    for index in words.indices {
      let choice = random.uniform()
      if choice < rules.maskProbability {
        varied[index] = rules.maskToken
      } else if choice < rules.maskProbability + rules.samePartProbability {
        varied[index] = unigrams?.draw(like: words[index], &random) ?? words[index]
      }
    }
    var range = words.indices
    if random.bernoulli(rules.nGramProbability) {
      let length = 1 + random.integer(below: rules.longestNGram)
      if length <= words.count {
        let start = random.integer(below: words.count - length + 1)
        range = start..<start + length
      }
    }
    return range.contains { varied[$0] == words[$0] } ? text.text(varied, range) : nil
  }
}
