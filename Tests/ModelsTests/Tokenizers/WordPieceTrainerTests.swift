import Artifacts
import Models
import Testing

@Suite("WordPiece training")
struct WordPieceTrainerTests {
  @Test("the vocabulary is the one found by counting every pair anew")
  func oracle() throws {
    let facts = try goldenJSON("tokenizer/training.json")
    var counts = WordCounts(words: BertWords(stripsAccents: false))
    for member in try #require(facts["words"]).members.shuffled() {
      for _ in 0..<(member.value.integer ?? 0) { counts.add(member.name) }
    }
    for item in try #require(facts["cases"]).items {
      let trainer = WordPieceTrainer(
        vocabularySize: try #require(item["size"]?.integer), minimumFrequency: try #require(item["frequency"]?.integer),
        alphabetLimit: try #require(item["limit"]?.integer))
      let table = try trainer.train(on: counts)
      #expect(table.tokens == item["tokens"]?.items.compactMap(\.text))
    }
  }

  @Test("every word of the text is cut without unknown pieces")
  func covers() throws {
    var counts = WordCounts()
    let text = "Nothing in the film is as bad as the naïve ending, which nobody wanted; 漢字 aside."
    for _ in 0..<3 { counts.add(text) }
    let table = try WordPieceTrainer(vocabularySize: 90).train(on: counts)
    let tokenizer = try BertTokenizer(table: table)
    let ids = tokenizer.ids(of: text)
    #expect(!ids.contains(tokenizer.pieces.unknown))
    let rebuilt = ids.compactMap { tokenizer.token($0) }.joined().replacing("##", with: "")
    #expect(rebuilt == "nothinginthefilmisasbadasthenaiveending,whichnobodywanted;漢字aside.")
  }

  @Test("a word that no tokenizer would cut is not learnt from")
  func longWords() throws {
    var counts = WordCounts()
    for _ in 0..<5 { counts.add("short \(String(repeating: "xy", count: 50_000))") }
    let table = try WordPieceTrainer().train(on: counts)
    #expect(table.id(of: "short") != nil && table.id(of: "x") == nil)
    var long = WordCounts()
    long.add(String(repeating: "é", count: 101))
    #expect(throws: RetortError.self) { try WordPieceTrainer().train(on: long) }
  }

  @Test("nothing to learn from, or impossible sizes, are refused")
  func refusals() throws {
    #expect(throws: RetortError.self) { try WordPieceTrainer().train(on: WordCounts()) }
    var counts = WordCounts()
    counts.add("word")
    #expect(throws: RetortError.self) { try WordPieceTrainer(vocabularySize: 5).train(on: counts) }
    #expect(throws: RetortError.self) { try WordPieceTrainer(alphabetLimit: 0).train(on: counts) }
  }
}
