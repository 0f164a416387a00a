import Artifacts
import Foundation
import Models
import Testing

@Suite("BERT tokenizer")
struct BertTokenizerTests {
  static let table = try? TokenTable(readingVocabularyAt: FilePath(golden("tokenizer/vocab.txt").path))

  func tokenizer(lowercases: Bool = true, strips: Bool? = nil, splits: Bool = true) throws -> BertTokenizer {
    var options = BertTokenizerOptions()
    options.words = BertWords(lowercases: lowercases, stripsAccents: strips, splitsIdeographs: splits)
    return try BertTokenizer(table: try #require(Self.table), options: options)
  }

  @Test("ids and offsets on random Unicode equal the reference")
  func random() throws {
    let variants = try [
      "uncased": tokenizer(), "cased": tokenizer(lowercases: false),
      "stripped": tokenizer(lowercases: false, strips: true),
      "lowered": tokenizer(strips: false), "unsplit": tokenizer(splits: false),
    ]
    let lines = try String(contentsOf: golden("tokenizer/random.jsonl"), encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 1000)
    for line in lines {
      let row = try JSONValue(parsing: Array(line.utf8))
      let text = try #require(row["text"]?.text)
      for (name, tokenizer) in variants {
        guard let wanted = row[name]?.integers else { continue }
        #expect(tokenizer.ids(of: text).map(Int.init) == wanted, "\(name): \(text.debugDescription)")
        guard name == "uncased" else { continue }
        var encoding = Encoding()
        tokenizer.tokenize(text, into: &encoding, wantsOffsets: true)
        #expect(encoding.ids.map(Int.init) == wanted)
        let edges = encoding.offsets.flatMap { [$0.lowerBound, $0.upperBound] }
        #expect(edges == row["offsets"]?.integers, "\(text.debugDescription)")
      }
    }
  }

  @Test("pairs are framed and shortened as in the reference")
  func pairs() throws {
    let tokenizer = try tokenizer()
    for row in try goldenJSON("tokenizer/pairs.json").items {
      let first = try #require(row["first"]?.text)
      let strategy = try #require(row["strategy"]?.text.flatMap(TruncationStrategy.init))
      func encode() throws -> Encoding {
        try tokenizer.encode(first, row["second"]?.text, longest: row["limit"]?.integer, strategy: strategy)
      }
      if row["ids"] == .null {
        #expect(throws: RetortError.self) { try encode() }
      } else {
        let encoding = try encode()
        #expect(encoding.ids.map(Int.init) == row["ids"]?.integers, "\(row.compactText)")
        #expect(encoding.typeIDs.map(Int.init) == row["types"]?.integers, "\(row.compactText)")
      }
    }
  }

  @Test(
    "real text and published vectors, with BERT's vocabulary",
    .enabled(if: dataFolder != nil, "set RETORT_DATA to the folder of public data sets"))
  func published() throws {
    let data = try #require(dataFolder)
    let table = try TokenTable(readingVocabularyAt: FilePath(data.appending(path: "bert_vocab/vocab.txt").path))
    let tokenizer = try BertTokenizer(table: table)
    let cases = try String(
      contentsOf: data.appending(path: "bert_tokenizer_vectors/cases.jsonl"), encoding: .utf8)
    for line in cases.split(separator: "\n") {
      let row = try JSONValue(parsing: Array(line.utf8))
      #expect(tokenizer.ids(of: row["text"]?.text ?? "").map(Int.init) == row["ids"]?.integers, "\(line)")
    }
    let lines = try String(contentsOf: data.appending(path: "sst2/train.tsv"), encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
    for row in try goldenJSON("tokenizer/sst2.json").items {
      let line = lines[lines.startIndex + (row["row"]?.integer ?? 0)]
      let text = String(line.split(separator: "\t")[0])
      #expect(try tokenizer.encode(text).ids.map(Int.init) == row["ids"]?.integers, "\(text)")
    }
    let basic = try JSONValue(
      parsing: [UInt8](Data(contentsOf: data.appending(path: "bert_tokenizer_vectors/basic_cases.json"))))
    for item in basic.items where item["kind"]?.text == "full" {
      let tokens = (item["vocab"]?.items ?? []).compactMap(\.text) + ["[PAD]", "[MASK]"]
      let small = try BertTokenizer(table: TokenTable(tokens))
      #expect(small.ids(of: item["text"]?.text ?? "").map(Int.init) == item["ids"]?.integers)
    }
  }

  @Test("a folder's tokenizer reads back as it was written")
  func folder() throws {
    try withTemporaryFolder { folder in
      var options = BertTokenizerOptions()
      options.words = BertWords(lowercases: false, stripsAccents: true, splitsIdeographs: false)
      options.modelLength = 128
      let tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "é", "e\u{301}", "##a"]
      let written = try BertTokenizer(table: TokenTable(tokens), options: options)
      try written.write(to: folder)
      let read = try BertTokenizer(folder: folder)
      #expect(read.options == options)
      #expect(read.table.tokens.map { Array($0.utf8) } == tokens.map { Array($0.utf8) })
      #expect(read.id(of: "é") == 5)
      #expect(read.id(of: "e\u{301}") == 6)
    }
  }

  @Test("a text of letters that grow when lowered takes no longer than its length")
  func growing() throws {
    let ids = try tokenizer(strips: false).ids(of: String(repeating: "İ a ", count: 30_000))
    #expect(ids.count == 60_000)
  }

  @Test("bad vocabularies and configurations are refused by name")
  func refusals() throws {
    #expect(throws: RetortError.self) { try TokenTable([]) }
    let twice = #expect(throws: RetortError.self) { try TokenTable(["a", "b", "a"]) }
    #expect(twice?.message == "The token \"a\" stands twice, as number 0 and 2.")
    let lacking = #expect(throws: RetortError.self) {
      try BertTokenizer(table: TokenTable(["[PAD]", "[UNK]", "[CLS]"]))
    }
    #expect(lacking?.message.contains("[SEP]") == true)
    try withTemporaryFolder { folder in
      let vocabulary = URL(fileURLWithPath: folder.appending("vocab.txt").string)
      let configuration = URL(fileURLWithPath: folder.appending("tokenizer_config.json").string)
      try Data("[PAD]\n[UNK]\n\u{FF}".utf8 + [0xFF, 0x0A]).write(to: vocabulary)
      let garbled = #expect(throws: RetortError.self) { try BertTokenizer(folder: folder) }
      #expect(garbled?.place.line == 3)
      try Data("[PAD]\n[UNK]\n[CLS]\n[SEP]\n".utf8).write(to: vocabulary)
      #expect(try BertTokenizer(folder: folder).mask == nil)
      for text in ["{", "[]", #"{"do_lower_case": 1}"#, #"{"unk_token": 7}"#, #"{"unk_token": "[WHAT]"}"#, ""] {
        try Data(text.utf8).write(to: configuration)
        #expect(throws: RetortError.self, "\(text)") { try BertTokenizer(folder: folder) }
      }
    }
    let tokenizer = try tokenizer()
    #expect(throws: RetortError.self) { try tokenizer.encode("a", longest: 1) }
  }

  @Test("mutated vocabularies and configurations are read or refused")
  func fuzz() throws {
    var dice = Dice(31)
    let configuration = Array(BertTokenizerOptions().configurationText.utf8)
    let vocabulary = Array("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\né\n##é\nword\n".utf8)
    try withTemporaryFolder { folder in
      for _ in 0..<100 {
        for (name, original) in [("vocab.txt", vocabulary), ("tokenizer_config.json", configuration)] {
          var content = original
          for _ in 0..<Int.random(in: 0...2, using: &dice) {
            let place = Int.random(in: 0..<content.count, using: &dice)
            if Bool.random(using: &dice) {
              content[place] = .random(in: 0...255, using: &dice)
            } else {
              content.removeSubrange(place..<min(content.count, place + 5))
            }
          }
          try Data(content).write(to: URL(fileURLWithPath: folder.appending(name).string))
        }
        do {
          let tokenizer = try BertTokenizer(folder: folder)
          #expect(try tokenizer.encode("a word é", longest: 8).count <= 8)
        } catch let error as RetortError {
          #expect(!error.message.isEmpty)
        }
      }
    }
  }
}
