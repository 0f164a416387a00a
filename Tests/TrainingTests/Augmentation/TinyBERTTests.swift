import Artifacts
import Models
import RetortTesting
import Tensors
import Testing

@testable import Training

/// The rules of Jiao et al. 2020.
struct TinyBERTTests {
  private static let text = "The movie was good, and the WARM story filmed slowly!"

  /// Candidates of words of one token against PyTorch.
  @Test(arguments: [TinyBERTRules.Context.original, .alone])
  func candidatesEqualPyTorch(context: TinyBERTRules.Context) throws {
    let golden = try goldenJSON("augmentation/candidates.json")
    let language = try TinyLanguage()
    let count = try #require(golden["count"]?.integer)
    let finder = try MaskedCandidates(language.model, count: count, context: context)
    var compared = 0
    for item in golden["cases"]?.items ?? [] where item["context"]?.text == context.rawValue {
      let text = try finder.read(try #require(item["text"]?.text)) { _ in true }
      let token = try #require(item["token"]?.integer)
      // “it's” is one word here, and three to the tokenizer.
      guard let word = text.onePiece.first(where: { $0.token == token })?.word else {
        #expect(item["text"]?.text?.contains("it's") == true)
        continue
      }
      let found = try finder.candidates(for: [text])
      #expect(found.words[0][word] == item["words"]?.items.compactMap(\.text), "\(text.words.words[word].text)")
      #expect(found.cut == 0)
      compared += 1
    }
    #expect(compared >= 35)
  }

  @Test func neighboursDoNotChangeCandidates() throws {
    let finder = try MaskedCandidates(TinyLanguage().model, count: 15, context: .original)
    let texts = try ["the movie was good .", "never", "", "zzz the Plot", "' !"].map { text in
      try finder.read(text) { _ in true }
    }
    let together = try finder.candidates(for: texts).words
    #expect(try together == texts.map { try finder.candidates(for: [$0]).words[0] })
    #expect(together[2].isEmpty && together[3].count == 3)
  }

  @Test func wordsAndTheirTokens() throws {
    let finder = try MaskedCandidates(TinyLanguage().model, count: 5, context: .original)
    let text = try finder.read("Movies filmed, [MASK] the GOOD  coldness 漢字 it's") { TextWords.isAlphabetic($0) }
    #expect(
      text.words.words.map(\.text) == [
        "Movies", "filmed", ",", "[", "MASK", "]", "the", "GOOD", "coldness", "漢字", "it's",
      ])
    #expect(text.onePiece.map(\.word) == [6, 7])
    // movie ##s, film ##ed, “,”, [MASK], the, good, cold ##ness, two unknown ideographs, it ' s.
    #expect(text.onePiece.map(\.token) == [6, 7])
    #expect(text.severalPieces == [0, 1, 8, 9])
  }

  @Test func longTextsAreSeenAroundTheMask() throws {
    #expect(MaskedCandidates.window(of: 5, around: 4, room: 9) == 0..<5)
    #expect(MaskedCandidates.window(of: 20, around: 0, room: 6) == 0..<6)
    #expect(MaskedCandidates.window(of: 20, around: 10, room: 6) == 7..<13)
    #expect(MaskedCandidates.window(of: 20, around: 19, room: 6) == 14..<20)
    #expect(MaskedCandidates.window(of: 20, around: 19, room: 1) == 19..<20)
    let long = (0..<30).map { $0 == 21 ? "film" : "the" }.joined(separator: " ")
    let finder = try MaskedCandidates(TinyLanguage().model, count: 5, context: .original)
    let found = try finder.candidates(for: [finder.read(long) { $0 == "film" }])
    #expect(found.cut == 1)
    // 40 positions have room for twice 18 tokens: words 12 … 29.
    let part = try finder.candidates(for: [finder.read(String(long.dropFirst(4 * 12)), varying: { $0 == "film" })])
    #expect(found.words[0][21] == part.words[0][9] && part.cut == 0)
    let group = try TinyLanguage().augmenter(TinyBERTRules()).variants(of: [LabelledExample(long)][...])
    #expect(group.cutTexts == 1)
  }

  @Test func withoutProbabilityOnlyTheOriginalIsLeft() throws {
    let augmenter = try TinyLanguage().augmenter(TinyBERTRules(probability: 0))
    #expect(try augmenter.variants(of: LabelledExample(Self.text)).isEmpty)
    #expect(try augmenter.variants(of: LabelledExample(Self.text, pair: Self.text)).isEmpty)
  }

  @Test func stopWordsPunctuationAndSpacesNeverChange() throws {
    let augmenter = try TinyLanguage().augmenter(TinyBERTRules(copies: 200, probability: 0.9))
    let variants = try augmenter.variants(of: LabelledExample(Self.text))
    #expect(variants.count > 100 && variants.count <= 200 && Set(variants).count == variants.count)
    for variant in variants {
      // Words of several pieces (filmed, slowly) stay without vectors.
      let match = variant.text.wholeMatch(of: /The \S+ was \S+, and the (\S+) \S+ filmed slowly!/)
      #expect(match?.output.1.first.map { $0.isUppercase || !$0.isLetter } == true, "\(variant.text)")
    }
    #expect(Set(variants.map { $0.text.split(separator: " ")[1] }).count > 5)
    let kept = try TinyLanguage().augmenter(
      TinyBERTRules(copies: 50, probability: 1, stopWords: ["movie", "good", "warm", "story", "and", "was"]))
    for variant in try kept.variants(of: LabelledExample(Self.text)) {
      #expect(variant.text.wholeMatch(of: /\S+ movie was good, and \S+ WARM story filmed slowly!/) != nil)
    }
  }

  @Test func noMoreThanCopiesAreMade() throws {
    for copies in [1, 5, 20] {
      let augmenter = try TinyLanguage().augmenter(TinyBERTRules(copies: copies))
      #expect(try augmenter.variants(of: LabelledExample(Self.text)).count <= copies)
      #expect(try augmenter.variants(of: LabelledExample(Self.text, pair: Self.text)).count <= 2 * copies)
    }
  }

  /// Words are exchanged with their probability, and all candidates are drawn alike: 4 standard deviations, 10⁵ draws.
  @Test func rates() throws {
    let augmenter = try TinyLanguage().augmenter(TinyBERTRules(probability: 0.4))
    let text = TextWords("good film")
    let options: TinyBERTAugmenter.Options = [(1, ["story", "plot", "scene", "film"])]
    var counts: [String: Int] = [:]
    let draws = 100_000
    var random = RandomStream(seed: 4, purpose: .augmentation)
    for _ in 0..<draws { counts[augmenter.draft(text, options, &random), default: 0] += 1 }
    for (word, share) in [("story", 0.1), ("plot", 0.1), ("scene", 0.1), ("film", 0.7)] {
      let deviation = (Double(draws) * share * (1 - share)).squareRoot()
      #expect(abs(Double(counts["good \(word)"] ?? 0) - Double(draws) * share) < 4 * deviation, "\(word)")
    }
  }

  @Test func theCaseOfTheFirstLetterStays() {
    #expect(TinyBERTAugmenter.withCase(of: "Good", "fine") == "Fine")
    #expect(TinyBERTAugmenter.withCase(of: "GOOD", "fine") == "Fine")
    #expect(TinyBERTAugmenter.withCase(of: "french", "German") == "german")
    #expect(TinyBERTAugmenter.withCase(of: "good", "fine") == "fine")
    #expect(TinyBERTAugmenter.withCase(of: "漢", "Fine") == "Fine")
    #expect(TinyBERTAugmenter.withCase(of: "Good", "") == "")
  }

  @Test func vectorsServeWordsOfSeveralPieces() throws {
    let vectors = try WordVectors(
      bytes: Array("filmed 1 0\nshot 0.9 0.1\nmade 0.5 0.5\nslowly -1 0\n".utf8), named: "v")
    let rules = TinyBERTRules(copies: 200, candidates: 2, probability: 1, stopWords: ["the", "movie"])
    let augmenter = try TinyLanguage().augmenter(rules, vectors: vectors)
    let variants = try augmenter.variants(of: LabelledExample("the movie Filmed funnys"))
    // The two nearest of “filmed”; “funnys” has no vector, and stays.
    #expect(Set(variants.map(\.text)) == ["the movie Shot funnys", "the movie Made funnys"])
  }

  @Test func noCandidateKeepsTheWord() throws {
    // Every token but the word's is a piece or special, so that no candidate is left where the word itself is not one.
    let augmenter = try TinyLanguage().augmenter(TinyBERTRules(probability: 1))
    #expect(try augmenter.variants(of: LabelledExample("funnys filmed ! the")).isEmpty)
    let pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + (5..<60).map { "##\($0)" }
    let bare = try TinyLanguage(tokens: pieces).augmenter(TinyBERTRules(probability: 1))
    #expect(try bare.variants(of: LabelledExample("film music")).isEmpty)
    #expect(try bare.variants(of: LabelledExample("")).isEmpty)
  }

  /// Each side is varied beside the other as it was, never beside a variant of it.
  @Test func pairsAreVariedFromTheOriginal() throws {
    let example = LabelledExample("the good film", pair: "a bad story")
    let augmenter = try TinyLanguage().augmenter(TinyBERTRules(copies: 10, probability: 0.9))
    let variants = try augmenter.variants(of: example)
    #expect(variants.count > 10 && variants.count <= 20)
    #expect(variants.allSatisfy { ($0.text == example.text) != ($0.pair == example.pair) })
    #expect(variants.contains { $0.text != example.text } && variants.contains { $0.pair != example.pair })
    // The first side is varied as it would be alone.
    let alone = try augmenter.variants(of: LabelledExample("the good film"))
    #expect(variants.filter { $0.pair == example.pair }.map(\.text) == alone.map(\.text))
  }

  @Test func seedAndPlaceDecide() throws {
    let language = try TinyLanguage()
    let rules = TinyBERTRules(copies: 6)
    let example = LabelledExample(Self.text)
    let variants = try language.augmenter(rules).variants(of: example, at: 3)
    #expect(try language.augmenter(rules).variants(of: example, at: 3) == variants)
    #expect(try language.augmenter(rules).variants(of: example, at: 4) != variants)
    #expect(try language.augmenter(rules, seed: 2).variants(of: example, at: 3) != variants)
    #expect(try language.augmenter(TinyBERTRules(copies: 30)).variants(of: example, at: 3).starts(with: variants))
  }

  @Test func modelsThatCannotServe() throws {
    func code(_ language: TinyLanguage, _ context: TinyBERTRules.Context = .original) -> RetortError.Code? {
      do {
        _ = try language.augmenter(TinyBERTRules(context: context))
        return nil
      } catch {
        return (error as? RetortError)?.code
      }
    }
    let words = (0..<56).map { "w\($0)" }
    #expect(try code(TinyLanguage(tokens: ["[PAD]", "[UNK]", "[CLS]", "[SEP]"] + words)) == "augment.mask")
    #expect(try code(TinyLanguage(segments: 1)) == "augment.segments")
    #expect(try code(TinyLanguage(segments: 1), .alone) == nil)
    #expect(try code(TinyLanguage(positions: 4)) == "augment.positions")
    #expect(try code(TinyLanguage(positions: 5)) == nil)
    #expect(try code(TinyLanguage(positions: 3), .alone) == nil)
  }

  @Test func faults() {
    #expect(TinyBERTRules().faults.isEmpty)
    let wrong = TinyBERTRules(copies: 0, candidates: 0, probability: 1.1, stopWords: ["The"])
    #expect(wrong.faults.map(\.field) == ["copies", "candidates", "probability", "stopWords"])
  }
}
