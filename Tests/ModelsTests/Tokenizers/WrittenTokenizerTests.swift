import Artifacts
import Foundation
import Models
import Testing

/// Folders for `Tests/Conformance/tokenization.py --written`, which loads them with transformers.
@Suite("Tokenizers for the reference")
struct WrittenTokenizerTests {
  static let target = ProcessInfo.processInfo.environment["RETORT_CONFORMANCE"]

  @Test("what is written for the reference", .enabled(if: target != nil, "set RETORT_CONFORMANCE to a folder"))
  func tokenizersForTheReference() throws {
    let folder = FilePath(try #require(Self.target))
    let texts = try goldenJSON("tokenizers/texts.json").items.compactMap(\.text)
    var counts = ByteWordCounts()
    for text in texts { counts.add(text) }
    let table = try TokenTable(readingVocabularyAt: FilePath(golden("tokenizer/vocab.txt").path))
    let bert = try BertTokenizer(table: table)
    for (name, tokenizer) in [
      ("trained", try BytePairTrainer(vocabularySize: 600).tokenizer(on: counts)), ("bert", bert),
    ] as [(String, any Tokenizer)] {
      let own = folder.appending(name)
      try FileManager.default.createDirectory(atPath: own.string, withIntermediateDirectories: true)
      try tokenizer.write(to: own)
      try answers(of: tokenizer, to: texts, in: own)
    }
    let whole = folder.appending("bert-document")
    try FileManager.default.createDirectory(atPath: whole.string, withIntermediateDirectories: true)
    try bert.write(to: whole)
    try bert.documentText.write(toFile: whole.appending("tokenizer.json").string, atomically: true, encoding: .utf8)
    try answers(of: bert, to: texts, in: whole)
  }

  private func answers(of tokenizer: any Tokenizer, to texts: [String], in folder: FilePath) throws {
    let rows = try texts.map { JSONValue.array(try tokenizer.encode($0).ids.map { .number(Int($0)) }) }
    var roles: [JSONValue.Member] = [.init("pad", .number(Int(tokenizer.padding)))]
    if let mask = tokenizer.mask { roles.append(.init("mask", .number(Int(mask)))) }
    let facts = JSONValue.object([
      .init("texts", .array(texts.map { .string($0) })), .init("ids", .array(rows)), .init("roles", .object(roles)),
    ])
    try facts.compactText.write(toFile: folder.appending("answers.json").string, atomically: true, encoding: .utf8)
  }
}
