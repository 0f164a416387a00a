import Artifacts
import Foundation
import Models
import Testing

@Suite("Tokenizers of tokenizer.json")
struct ComposedTokenizerTests {
  static let kinds = ["bytepairs", "prefixed", "unigram", "metaspace", "words"]
  static let forms = ["nfc", "nfd", "nfkc", "nfkd"]

  /// Reads one of the goldens' tokenizers from a folder of its own.
  static func tokenizer(_ kind: String) throws -> any Tokenizer {
    try withTemporaryFolder { folder in
      try FileManager.default.copyItem(
        at: golden("tokenizers/\(kind).tokenizer.json"),
        to: URL(fileURLWithPath: folder.appending("tokenizer.json").string))
      return try TokenizerFolder.read(folder)
    }
  }

  static func checksum(_ encoding: Encoding, _ tokenizer: any Tokenizer) -> String {
    var value: UInt64 = 0xCBF2_9CE4_8422_2325
    for ((id, text), range) in zip(zip(encoding.ids, tokenizer.texts(of: encoding)), encoding.offsets) {
      for byte in "\(id) \(text) \(range.lowerBound) \(range.upperBound)\n".utf8 {
        value = (value ^ UInt64(byte)) &* 0x100_0000_01B3
      }
    }
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  @Test("ids, texts and offsets on random Unicode equal the reference", arguments: kinds + forms)
  func random(kind: String) throws {
    let tokenizer = try Self.tokenizer(kind)
    let answers = try goldenJSON("tokenizers/\(kind).answers.json")
    var texts = try goldenJSON("tokenizers/texts.json").items.compactMap(\.text)
    let count = try #require(answers["count"]?.integer)
    if let longest = answers["longest"]?.integer {
      texts = Array(texts.filter { $0.unicodeScalars.count <= longest }.prefix(count))
    }
    #expect(texts.count == count)
    let sums = Array(try #require(answers["sums"]?.text))
    let full = try #require(answers["full"]).items
    for (place, text) in texts.enumerated() {
      var encoding = Encoding()
      tokenizer.tokenize(text, into: &encoding, wantsOffsets: true)
      if place < full.count {
        #expect(encoding.ids.map(Int.init) == full[place].items[0].integers, "\(text.debugDescription)")
        #expect(tokenizer.texts(of: encoding) == full[place].items[1].items.compactMap(\.text))
        let edges = encoding.offsets.flatMap { [$0.lowerBound, $0.upperBound] }
        #expect(edges == full[place].items[2].integers, "\(text.debugDescription)")
      }
      let wanted = String(sums[place * 16..<place * 16 + 16])
      #expect(Self.checksum(encoding, tokenizer) == wanted, "\(kind), \(place): \(text.debugDescription)")
      #expect(tokenizer.ids(of: text) == encoding.ids)
    }
  }

  @Test("pairs are framed and shortened as in the reference", arguments: kinds)
  func pairs(kind: String) throws {
    let tokenizer = try Self.tokenizer(kind)
    let rows = try #require(goldenJSON("tokenizers/\(kind).answers.json")["pairs"]).items
    #expect(rows.count == 45)
    for row in rows {
      let first = try #require(row["first"]?.text)
      let strategy = try #require(row["strategy"]?.text.flatMap(TruncationStrategy.init))
      func encode() throws -> Encoding {
        try tokenizer.encode(
          first, row["second"]?.text, longest: row["limit"]?.integer,
          strategy: row["second"]?.text == nil
            ? .longestFirst : strategy, wantsOffsets: true)
      }
      if row["ids"] == .null {
        #expect(throws: RetortError.self) { try encode() }
      } else {
        let encoding = try encode()
        #expect(encoding.ids.map(Int.init) == row["ids"]?.integers, "\(row.compactText)")
        #expect(encoding.typeIDs.map(Int.init) == row["types"]?.integers, "\(row.compactText)")
        #expect(Self.checksum(encoding, tokenizer) == row["sum"]?.text, "\(row.compactText)")
      }
    }
  }

  @Test("older files of a kind are read as the document that they mean")
  func legacy() throws {
    let texts = try goldenJSON("tokenizers/texts.json").items.compactMap(\.text).prefix(200)
    try withTemporaryFolder { folder in
      let document = try goldenJSON("tokenizers/bytepairs.tokenizer.json")
      let model = try #require(document["model"])
      let added = (document["added_tokens"]?.items ?? []).map {
        JSONValue.Member($0["content"]?.text ?? "", $0["id"] ?? .null)
      }
      let words = model["vocab"]?.members ?? []
      let vocabulary = JSONValue.object(words + added.filter { token in !words.contains { $0.name == token.name } })
      try vocabulary.compactText.write(
        toFile: folder.appending("vocab.json").string, atomically: true, encoding: .utf8)
      let merges = (model["merges"]?.items ?? []).map { $0.items.compactMap(\.text).joined(separator: " ") + "\n" }
      try ("#version: 0.2\n" + merges.joined()).write(
        toFile: folder.appending("merges.txt").string, atomically: true, encoding: .utf8)
      try agrees(TokenizerFolder.read(folder), with: Self.tokenizer("bytepairs"), on: texts)
    }
    try withTemporaryFolder { folder in
      try FileManager.default.copyItem(
        at: golden("tokenizers/spiece.model"), to: URL(fileURLWithPath: folder.appending("spiece.model").string))
      try agrees(TokenizerFolder.read(folder), with: Self.tokenizer("unigram"), on: texts)
    }
  }

  private func agrees(
    _ one: any Tokenizer, with other: any Tokenizer, on texts: some Sequence<String>
  ) throws {
    #expect(one.padding == other.padding && one.mask == other.mask && one.specialIDs == other.specialIDs)
    #expect(one.vocabularySize == other.vocabularySize)
    for text in texts {
      let (first, second) = (
        try one.encode(text, "b", wantsOffsets: true), try other.encode(text, "b", wantsOffsets: true)
      )
      #expect(first == second, "\(text.debugDescription)")
    }
  }

  @Test("what is written is what was read, and reads back to the same tokenizer", arguments: kinds)
  func writing(kind: String) throws {
    try withTemporaryFolder { folder in
      let source = golden("tokenizers/\(kind).tokenizer.json")
      let configuration = Data(#"{"pad_token": "<pad>", "mask_token": {"content": "[MASK]"}, "other": [1]}"#.utf8)
      let read = folder.appending("read")
      let written = folder.appending("written")
      for path in [read, written] {
        try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: false)
      }
      try Data(contentsOf: source).write(to: URL(fileURLWithPath: read.appending("tokenizer.json").string))
      try configuration.write(to: URL(fileURLWithPath: read.appending("tokenizer_config.json").string))
      let tokenizer = try TokenizerFolder.read(read)
      try tokenizer.write(to: written)
      for name in ["tokenizer.json", "tokenizer_config.json"] {
        #expect(
          FileManager.default.contentsEqual(
            atPath: read.appending(name).string, andPath: written.appending(name).string))
      }
      #expect(try TokenizerFolder.read(written).digest == tokenizer.digest)
    }
  }

  @Test("BERT's document is read as BERT's tokenizer")
  func bert() throws {
    let table = try TokenTable(readingVocabularyAt: FilePath(golden("tokenizer/vocab.txt").path))
    for (lowercases, strips, splits) in [(true, nil, true), (false, false, true), (true, true, false)] {
      var options = BertTokenizerOptions()
      options.words = BertWords(lowercases: lowercases, stripsAccents: strips, splitsIdeographs: splits)
      let tokenizer = try BertTokenizer(table: table, options: options)
      try withTemporaryFolder { folder in
        try tokenizer.documentText.write(
          toFile: folder.appending("tokenizer.json").string, atomically: true, encoding: .utf8)
        let read = try #require(TokenizerFolder.read(folder) as? BertTokenizer)
        #expect(read.options == options)
        #expect(read.digest == tokenizer.digest)
      }
    }
  }
}
