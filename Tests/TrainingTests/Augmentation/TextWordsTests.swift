import Testing
import Training

struct TextWordsTests {
  @Test(arguments: [
    ("a good film", ["a", "good", "film"]), ("It's GOOD, isn't it?", ["It's", "GOOD", ",", "isn't", "it", "?"]),
    ("does n't , it 's the crew 's", ["does", "n't", ",", "it", "'s", "the", "crew", "'s"]),
    ("'quoted' and ''", ["'", "quoted", "'", "and", "'", "'"]),
    ("l’eau 3.5 x-ray", ["l’eau", "3", ".", "5", "x", "-", "ray"]),
    ("  漢字 naïve\t\u{1F469}\u{200D}\u{1F4BB}!\n", ["漢字", "naïve", "\u{1F469}\u{200D}\u{1F4BB}", "!"]), ("", []),
    (" \n", []),
  ]) func words(text: String, expected: [String]) {
    let words = TextWords(text)
    #expect(words.words.map(\.text) == expected)
    // Nothing is lost, and places count scalars of the text.
    #expect(words.text(expected) == text)
    let scalars = Array(text.unicodeScalars)
    for word in words.words {
      #expect(scalars[word.scalars].elementsEqual(word.text.unicodeScalars))
    }
  }

  @Test func runsOfWords() {
    let text = TextWords(" one, two  three ")
    #expect(text.text(["1", ",", "2", "3"]) == " 1, 2  3 ")
    #expect(text.text(["1", ",", "2", "3"], 0..<2) == "1,")
    #expect(text.text(["1", ",", "2", "3"], 2..<4) == "2  3")
    #expect(text.text(["1", ",", "2", "3"], 0..<4) == " 1, 2  3 ")
    #expect(text.text([], 1..<9) == ", two  three")
  }

  /// Any text comes back, whatever characters it has.
  @Test func fuzz() {
    var dice = Dice(3)
    let alphabet = Array("ab'’ s\t\n\r,.-é\u{301}漢\u{200D}\u{FE0F}\u{1F469}1½\u{0}[]#")
    for _ in 0..<3_000 {
      let text = String(
        (0..<Int.random(in: 0...12, using: &dice)).compactMap { _ in alphabet.randomElement(using: &dice) })
      let words = TextWords(text)
      #expect(words.text(words.words.map(\.text)) == text)
      #expect(words.words.allSatisfy { !$0.text.isEmpty && $0.scalars.count == $0.text.unicodeScalars.count })
      #expect(words.words.last.map { $0.scalars.upperBound <= text.unicodeScalars.count } ?? true)
    }
  }

  @Test func stopWordsAreLowerCaseWords() {
    #expect(StopWords.english.count > 200)
    #expect(StopWords.english.allSatisfy { $0 == $0.lowercased() && !$0.contains(" ") })
    for word in ["the", "and", "not", "he", "with", "would", "which"] { #expect(StopWords.english.contains(word)) }
    for word in ["film", "good", "bad", "love", "first", "new"] { #expect(!StopWords.english.contains(word)) }
    #expect(TextWords.isAlphabetic("naïve") && !TextWords.isAlphabetic("it's") && !TextWords.isAlphabetic("r2"))
    #expect(!TextWords.isAlphabetic("") && !TextWords.isAlphabetic("."))
  }
}
