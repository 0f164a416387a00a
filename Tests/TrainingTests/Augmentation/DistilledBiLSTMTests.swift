import Artifacts
import Models
import Tensors
import Testing

@testable import Training

/// The rules of Tang et al. 2019.
struct DistilledBiLSTMTests {
  private static let text = "one two three four five six seven"

  private static func lexicon() throws -> PartOfSpeechLexicon {
    let words = "one two three four five six seven eight nine ten".split(separator: " ")
    return PartOfSpeechLexicon(words.map { (String($0), "NUM") })
  }

  private static func augmenter(
    _ rules: DistilledBiLSTMRules, corpus: [String] = ["eight nine", "ten"], seed: UInt64 = 1
  ) throws -> DistilledBiLSTMAugmenter {
    let unigrams = rules.samePartProbability == 0 ? nil : TaggedUnigrams(of: corpus, tags: try lexicon())
    return DistilledBiLSTMAugmenter(rules, unigrams: unigrams, seed: seed)
  }

  private static func rules(
    copies: Int? = nil, mask: Double = 0, same: Double = 0, nGram: Double = 0, longest: Int = 5
  ) -> DistilledBiLSTMRules {
    DistilledBiLSTMRules(
      copies: copies, maskProbability: mask, samePartProbability: same, nGramProbability: nGram, longestNGram: longest)
  }

  @Test func conventions() {
    #expect(DistilledBiLSTMRules.Convention.paper.nGramProbability == 0.25)
    #expect(DistilledBiLSTMRules.Convention.referenceCode.nGramProbability == 0)
    let rules = DistilledBiLSTMRules()
    #expect(rules.maskProbability == 0.1 && rules.samePartProbability == 0.1 && rules.longestNGram == 5)
  }

  @Test func withoutProbabilitiesOnlyTheOriginalIsLeft() throws {
    let augmenter = try Self.augmenter(Self.rules())
    #expect(try augmenter.variants(of: LabelledExample(Self.text)).isEmpty)
    #expect(try augmenter.variants(of: LabelledExample(Self.text, pair: Self.text)).isEmpty)
  }

  @Test func whatIsMaskedOrReplacedWhollyIsRejected() throws {
    #expect(try Self.augmenter(Self.rules(mask: 1)).variants(of: LabelledExample(Self.text)).isEmpty)
    #expect(try Self.augmenter(Self.rules(same: 1)).variants(of: LabelledExample(Self.text)).isEmpty)
    #expect(try Self.augmenter(Self.rules(mask: 1)).variants(of: LabelledExample(Self.text, pair: "eight")).isEmpty)
    #expect(try Self.augmenter(Self.rules(mask: 0.5)).variants(of: LabelledExample("one")).isEmpty)
  }

  /// Each word is masked, replaced or kept with its probability: 4 standard deviations over 10⁵ words.
  @Test func rates() throws {
    let rules = Self.rules(mask: 0.1, same: 0.2)
    let augmenter = try Self.augmenter(rules)
    let words = 200
    let text = TextWords([String](repeating: "one", count: words).joined(separator: " "))
    var counts: [String: Int] = [:]
    for attempt in 0..<500 {
      var random = RandomStream(seed: 7, purpose: .augmentation, step: attempt)
      let varied = try #require(augmenter.varied(text, &random))
      for word in varied.split(separator: " ") { counts[String(word), default: 0] += 1 }
    }
    let draws = Double(500 * words)
    // “eight”, “nine” and “ten” share the draws that replace.
    for (word, share) in [("[MASK]", 0.1), ("one", 0.7), ("eight", 0.2 / 3), ("nine", 0.2 / 3), ("ten", 0.2 / 3)] {
      let deviation = (draws * share * (1 - share)).squareRoot()
      #expect(abs(Double(counts[word] ?? 0) - draws * share) < 4 * deviation, "\(word): \(counts[word] ?? 0)")
    }
    #expect(counts.values.reduce(0, +) == 500 * words)
  }

  /// n is uniform in 1 … 5 and the place uniform, to the last word; a text shorter than n stays.
  @Test func everyNGramIsReached() throws {
    let augmenter = try Self.augmenter(Self.rules(nGram: 1))
    let words = Self.text.split(separator: " ").map(String.init)
    for (count, draws) in [(1, 1_000), (3, 20_000), (7, 100_000)] {
      let text = TextWords(words.prefix(count).joined(separator: " "))
      var counts: [String: Int] = [:]
      for attempt in 0..<draws {
        var random = RandomStream(seed: 8, purpose: .augmentation, step: attempt)
        counts[try #require(augmenter.varied(text, &random)), default: 0] += 1
      }
      var expected: [String: Double] = [:]
      for n in 1...5 {
        if n > count { expected[text.text([]), default: 0] += 0.2 }
        for start in 0..<max(0, count - n + 1) {
          expected[words[start..<start + n].joined(separator: " "), default: 0] += 0.2 / Double(count - n + 1)
        }
      }
      #expect(Set(counts.keys) == Set(expected.keys))
      for (gram, share) in expected {
        let deviation = (Double(draws) * share * max(0, 1 - share)).squareRoot()
        #expect(abs(Double(counts[gram] ?? 0) - Double(draws) * share) < 4 * deviation + 1e-6, "\(gram)")
      }
    }
  }

  @Test func nGramsAreSampledWithTheirProbability() throws {
    let augmenter = try Self.augmenter(Self.rules(nGram: 0.25))
    let text = TextWords([String](repeating: "one", count: 10).joined(separator: " "))
    var short = 0
    let draws = 100_000
    for attempt in 0..<draws {
      var random = RandomStream(seed: 9, purpose: .augmentation, step: attempt)
      if augmenter.varied(text, &random) != text.text([]) { short += 1 }
    }
    #expect(abs(Double(short) - 25_000) < 4 * (Double(draws) * 0.25 * 0.75).squareRoot())
  }

  @Test func wordsWithoutATagStay() throws {
    let augmenter = try Self.augmenter(Self.rules(copies: 50, same: 0.9))
    for variant in try augmenter.variants(of: LabelledExample("one unknown , words")) {
      #expect(variant.text.hasSuffix(" unknown , words"))
    }
  }

  @Test func textsAreNotRepeated() throws {
    let augmenter = try Self.augmenter(Self.rules(copies: 5_000, mask: 0.3, nGram: 0.25))
    let variants = try augmenter.variants(of: LabelledExample("one two three"))
    #expect(Set(variants).count == variants.count && !variants.contains(Variant("one two three")))
    // Masks on at most two of three words, and n-grams of those, counted by hand: 6 of three words, 3 of two words at
    // each of two places, 1 of one word at each of three.
    #expect(variants.count == 15)
  }

  @Test func pairs() throws {
    let augmenter = try Self.augmenter(Self.rules(copies: 9_999, mask: 0.5))
    let example = LabelledExample(Self.text, pair: "eight nine ten one two three four five six seven eight nine")
    for index in 0..<3 {
      let sides = (0..<9).map { DistilledBiLSTMAugmenter.sides(ofAttempt: $0, at: index, count: 2) }
      for kind in [[0], [1], [0, 1]] { #expect(sides.count { $0 == kind } == 3) }
    }
    var kinds = (first: 0, second: 0, both: 0)
    for variant in try augmenter.variants(of: example) {
      let changed = (variant.text != example.text, variant.pair != example.pair)
      #expect(changed != (false, false))
      if changed == (true, false) { kinds.first += 1 }
      if changed == (false, true) { kinds.second += 1 }
      if changed == (true, true) { kinds.both += 1 }
    }
    // The first side has 126 variants, for neither all nor no word is masked; the others have more than are made.
    #expect(kinds.first == 126 && kinds.second > 1_500 && kinds.both > 3_000)
  }

  /// 20 attempts at a text, 10 at a pair.
  @Test func standardCopies() throws {
    let augmenter = try Self.augmenter(Self.rules(mask: 0.5))
    let long = (0..<60).map { "w\($0)" }.joined(separator: " ")
    #expect(try augmenter.variants(of: LabelledExample(long)).count == 20)
    #expect(try augmenter.variants(of: LabelledExample(long, pair: long)).count == 10)
  }

  @Test func seedAndPlaceDecide() throws {
    let rules = Self.rules(copies: 8, mask: 0.2, same: 0.2, nGram: 0.25)
    let example = LabelledExample(Self.text)
    let variants = try Self.augmenter(rules).variants(of: example, at: 5)
    #expect(try Self.augmenter(rules).variants(of: example, at: 5) == variants)
    #expect(try Self.augmenter(rules).variants(of: example, at: 6) != variants)
    #expect(try Self.augmenter(rules, seed: 2).variants(of: example, at: 5) != variants)
    // More copies add to those of fewer.
    var more = rules
    more.copies = 40
    #expect(try Self.augmenter(more).variants(of: example, at: 5).starts(with: variants))
  }

  @Test func faults() {
    #expect(Self.rules(copies: 1, mask: 0.5, same: 0.5, nGram: 1).faults.isEmpty)
    let wrong = DistilledBiLSTMRules(
      copies: 0, maskProbability: -0.1, samePartProbability: 1.2, nGramProbability: .nan, longestNGram: 0,
      maskToken: "a b")
    #expect(
      wrong.faults.map(\.field) == [
        "copies", "maskProbability", "samePartProbability", "nGramProbability", "samePartProbability", "longestNGram",
        "maskToken",
      ])
    #expect(Self.rules(mask: 0.6, same: 0.6).faults.map(\.field) == ["samePartProbability"])
  }
}
