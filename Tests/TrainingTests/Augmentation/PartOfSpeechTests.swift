import Artifacts
import Foundation
import Tensors
import Testing
import Training

struct PartOfSpeechTests {
  private static let treebank = """
    # sent_id = 1
    # text = I didn't see dogs run
    1\tI\tI\tPRON\tPRP\t_\t4\tnsubj\t_\t_
    2-3\tdidn't\t_\t_\t_\t_\t_\t_\t_\tSpaceAfter=No
    2\tdid\tdo\tAUX\tVBD\t_\t4\taux\t_\t_
    3\tn't\tnot\tPART\tRB\t_\t4\tadvmod\t_\t_
    4\tsee\tsee\tVERB\tVB\t_\t0\troot\t_\t_
    4.1\tsee\tsee\tVERB\tVB\t_\t_\t_\t_\t_
    5\tdogs\tdog\tNOUN\t_\t_\t4\tobj\t_\t_
    6\trun\trun\tVERB\tVB\t_\t4\txcomp\t_\t_

    1\tThe\tthe\tDET\tDT\t_\t2\tdet\t_\t_
    2\trun\trun\tNOUN\tNN\t_\t0\troot\t_\t_
    3\trun\trun\tNOUN\tNN\t_\t2\tdep\t_\t_
    4\tApple\tApple\tPROPN\tNNP\t_\t2\tdep\t_\t_
    5\tfield with space\t_\tX\t_\t_\t2\tdep\t_\t_

    """

  private func file(_ text: String) throws -> TextFile { try TextFile(bytes: Array(text.utf8), named: "f") }

  @Test func theMostFrequentTag() throws {
    let lexicon = try PartOfSpeechLexicon(conllu: file(Self.treebank))
    let expected = [
      "I": "PRON", "see": "VERB", "run": "NOUN", "RUN": "NOUN", "dogs": "NOUN", "didn't": "AUX+PART", "n't": "PART",
      "the": "DET", "The": "DET", "apple": "PROPN", "field with space": "X",
    ]
    for (word, tag) in expected { #expect(lexicon[word] == tag, "\(word)") }
    #expect(lexicon["unknown"] == nil)
    let finer = try PartOfSpeechLexicon(conllu: file(Self.treebank), tags: .treebank)
    #expect(finer["see"] == "VB" && finer["didn't"] == "VBD+RB" && finer["dogs"] == nil)
  }

  @Test func tables() throws {
    let lexicon = try PartOfSpeechLexicon(
      table: file("film\tNOUN\r\nrun\tVERB\nrun\tNOUN\nrun\tVERB\n\ntie\tB\ntie\tA"))
    #expect(lexicon["film"] == "NOUN" && lexicon["run"] == "VERB" && lexicon["tie"] == "A" && lexicon.count == 3)
    for (text, line) in [("film NOUN", 1), ("a\tX\nb\tY\tz\n", 2), ("a\tX\n\tY\n", 2), ("a\t \n", 1)] {
      let error = #expect(throws: RetortError.self) { _ = try PartOfSpeechLexicon(table: file(text)) }
      #expect(error?.code == "data.fields" && error?.place == Place(file: "f", line: line), "\(text)")
    }
    for text in ["", "\n\n"] {
      let error = #expect(throws: RetortError.self) { _ = try PartOfSpeechLexicon(table: file(text)) }
      #expect(error?.code == "data.empty" && error?.remedy.isEmpty == false)
    }
  }

  @Test(arguments: [
    ("1\ta\n", 1), ("1\ta\t_\tX\t_\t_\t_\t_\t_\t_\n3\tb\t_\tX\t_\t_\t_\t_\t_\t_\n", 2),
    ("2\ta\t_\tX\t_\t_\t_\t_\t_\t_\n", 1), ("1\t\t_\tX\t_\t_\t_\t_\t_\t_\n", 1), ("1\ta\t_\t\t_\t_\t_\t_\t_\t_\n", 1),
    ("x\ta\t_\tX\t_\t_\t_\t_\t_\t_\n", 1), ("1-2\ta\t_\t_\t_\t_\t_\t_\t_\t_\n\n", 2),
    ("1-2\ta\t_\t_\t_\t_\t_\t_\t_\t_\n1\ta\t_\tX\t_\t_\t_\t_\t_\t_", 2), ("2-1\ta\t_\t_\t_\t_\t_\t_\t_\t_\n", 1),
    ("1.1\ta\t_\tX\t_\t_\t_\t_\t_\t_\n", 1), ("0.0\ta\t_\tX\t_\t_\t_\t_\t_\t_\n", 1),
    ("1-\ta\t_\tX\t_\t_\t_\t_\t_\t_\n", 1), ("99999999999999999999\ta\t_\tX\t_\t_\t_\t_\t_\t_\n", 1),
    ("+1\ta\t_\tX\t_\t_\t_\t_\t_\t_\n", 1),
  ]) func whatIsNoTreebank(text: String, line: Int) {
    let error = #expect(throws: RetortError.self) { _ = try PartOfSpeechLexicon(conllu: file(text)) }
    #expect(error?.code == "data.conllu" && error?.place == Place(file: "f", line: line))
    #expect(error?.remedy.isEmpty == false)
  }

  @Test func emptyNodesMayComeFirst() throws {
    let text = "0.1\tx\t_\tX\t_\t_\t_\t_\t_\t_\n1\ta\t_\tX\t_\t_\t_\t_\t_\t_\n1.1\tb\t_\tX\t_\t_\t_\t_\t_\t_"
    let lexicon = try PartOfSpeechLexicon(conllu: file(text))
    #expect(lexicon["a"] == "X" && lexicon["x"] == nil && lexicon["b"] == nil)
    let error = #expect(throws: RetortError.self) {
      _ = try PartOfSpeechLexicon(conllu: file(text), tags: .treebank)
    }
    #expect(error?.code == "data.empty")
  }

  @Test("spoilt bytes are read, or refused with the line") func fuzz() throws {
    var dice = Dice(11)
    for _ in 0..<2_000 {
      let bytes = dice.spoiled(Array(Self.treebank.utf8), with: "\t\n\r-.#_0123456789\u{0}")
      for tags in [ConlluTokens.Tags.universal, .treebank] {
        do {
          _ = try PartOfSpeechLexicon(conllu: TextFile(bytes: bytes, named: "f"), tags: tags)
        } catch let error as RetortError {
          #expect(error.place.file == "f" && !error.message.isEmpty && !error.remedy.isEmpty)
        }
      }
      do {
        _ = try PartOfSpeechLexicon(table: TextFile(bytes: bytes, named: "f"))
      } catch let error as RetortError {
        #expect(error.place.file == "f")
      }
    }
  }

  @Test(.enabled(if: dataFolder != nil, "set RETORT_DATA to the folder of public data sets"))
  func aRealTreebank() throws {
    let path = try #require(dataFolder).appending(path: "ud_english_ewt/en_ewt-ud-dev.conllu").path
    let text = try TextFile(reading: FilePath(path))
    var (words, joined) = (0, 0)
    try ConlluTokens.forEach(in: text, tags: .universal) { _, tag in
      if tag.contains("+") { joined += 1 } else { words += 1 }
    }
    // Counted with grep: lines of ten fields that begin with a whole number, and with a range.
    let numbers = text.lines.count { $0.wholeMatch(of: /[0-9]+\t.*/) != nil }
    let ranges = text.lines.count { $0.wholeMatch(of: /[0-9]+-[0-9]+\t.*/) != nil }
    #expect(words == numbers && joined == ranges && words > 20_000)
    let lexicon = try PartOfSpeechLexicon(conllu: text)
    let expected = ["the": "DET", "people": "NOUN", "good": "ADJ", "of": "ADP", "didn't": "AUX+PART", "quickly": "ADV"]
    for (word, tag) in expected { #expect(lexicon[word] == tag, "\(word)") }
  }

  /// Draws follow the counts of the corpus within a tag: 4 standard deviations over 10⁵ draws.
  @Test func unigramsKeepMultiplicity() throws {
    let lexicon = try PartOfSpeechLexicon(table: file("film\tNOUN\nplot\tNOUN\nactor\tNOUN\ngood\tADJ\nrare\tX\n"))
    let unigrams = TaggedUnigrams(of: ["film film plot", "film actor actor", "good good"], tags: lexicon)
    var random = RandomStream(seed: 3, purpose: .augmentation)
    var counts: [String: Int] = [:]
    let draws = 100_000
    for _ in 0..<draws { counts[unigrams.draw(like: "plot", &random) ?? "", default: 0] += 1 }
    for (word, share) in [("film", 3.0 / 6), ("plot", 1.0 / 6), ("actor", 2.0 / 6)] {
      let deviation = (Double(draws) * share * (1 - share)).squareRoot()
      #expect(abs(Double(counts[word] ?? 0) - Double(draws) * share) < 4 * deviation, "\(word)")
    }
    #expect(counts.values.reduce(0, +) == draws && counts.count == 3)
    #expect(unigrams.draw(like: "good", &random) == "good")
    #expect(unigrams.draw(like: "unknown", &random) == nil)
    #expect(unigrams.draw(like: "rare", &random) == nil)
  }
}
