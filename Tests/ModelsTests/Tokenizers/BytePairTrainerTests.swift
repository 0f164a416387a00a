import Artifacts
import Foundation
import Models
import Testing

@Suite("Byte pair training")
struct BytePairTrainerTests {
  @Test("tokens and merges are the reference's")
  func reference() throws {
    let facts = try goldenJSON("tokenizers/bytepairs.training.json")
    var counts = ByteWordCounts()
    for line in try #require(facts["lines"]).items.compactMap(\.text).shuffled() { counts.add(line) }
    for item in try #require(facts["cases"]).items {
      let trainer = BytePairTrainer(
        vocabularySize: try #require(item["size"]?.integer), minimumFrequency: try #require(item["frequency"]?.integer))
      let result = try trainer.train(on: counts)
      #expect(result.tokens.count == item["count"]?.integer)
      if let first = item["first"], first != .null {
        #expect(Array(result.tokens.prefix(261)) == first.items.compactMap(\.text))
      }
      #expect(Array(result.tokens.dropFirst(261)) == item["learnt"]?.items.compactMap(\.text))
      let merges = result.merges.map { [result.tokens[Int($0.left)], result.tokens[Int($0.right)]] }
      #expect(merges == item["merges"]?.items.map { $0.items.compactMap(\.text) })
    }
  }

  @Test("every text is cut without unknown tokens, and comes back from its tokens")
  func covers() throws {
    var counts = ByteWordCounts()
    let text = "Nothing in the film's ending — naïve, 漢字 👍 — is as bad."
    for _ in 0..<3 { counts.add(text) }
    let tokenizer = try BytePairTrainer(vocabularySize: 300).tokenizer(on: counts)
    #expect(tokenizer.padding == 1 && tokenizer.mask == 4)
    let other = text + "\u{0}\u{10FFFF}"
    let encoding = try tokenizer.encode(other, wantsOffsets: true)
    #expect(encoding.ids.first == 0 && encoding.ids.last == 2 && !encoding.ids.contains(3))
    try withTemporaryFolder { folder in
      try tokenizer.write(to: folder)
      #expect(try TokenizerFolder.read(folder).encode(other, wantsOffsets: true) == encoding)
    }
  }

  @Test("a word that fills a file is not learnt from")
  func longWords() throws {
    var counts = ByteWordCounts()
    for _ in 0..<5 { counts.add("short \(String(repeating: "xy", count: 50_000))") }
    let result = try BytePairTrainer(vocabularySize: 400).train(on: counts)
    #expect(result.tokens.contains("short") && !result.tokens.contains("xy"))
  }

  @Test("nothing to learn from, or impossible sizes, are refused")
  func refusals() throws {
    #expect(throws: RetortError.self) { try BytePairTrainer().train(on: ByteWordCounts()) }
    var counts = ByteWordCounts()
    counts.add("word")
    #expect(throws: RetortError.self) { try BytePairTrainer(vocabularySize: 200).train(on: counts) }
  }
}
