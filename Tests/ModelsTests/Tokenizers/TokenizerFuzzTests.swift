import Artifacts
import Foundation
import Testing

@testable import Models

@Suite("Tokenizers on hostile input")
struct TokenizerFuzzTests {
  /// Inputs for each parser; `RETORT_FUZZ` sets another count.
  static let count = ProcessInfo.processInfo.environment["RETORT_FUZZ"].flatMap(Int.init) ?? 10_000

  static let documents = [
    #"""
    {"added_tokens":[{"id":5,"content":"<m>","lstrip":true,"normalized":false,"special":true}],"normalizer":null,
    "pre_tokenizer":{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true},"post_processor":
    {"type":"RobertaProcessing","sep":["</s>",4],"cls":["<s>",3],"trim_offsets":true,"add_prefix_space":true},"model":
    {"type":"BPE","unk_token":"<s>","fuse_unk":true,"vocab":{"a":0,"b":1,"ab":2,"<s>":3,"</s>":4,"<m>":5},
    "merges":[["a","b"],"a b"]}}
    """#,
    #"""
    {"added_tokens":[{"id":1,"content":"T","single_word":true,"normalized":true}],"normalizer":{"type":"Sequence",
    "normalizers":[{"type":"Replace","pattern":{"String":"``"},"content":"\""},{"type":"NFKD"},{"type":"StripAccents"},
    {"type":"Lowercase"},{"type":"Precompiled","precompiled_charsmap":"CAAAAAAAAAAAAAAAYQA="},{"type":"Replace",
    "pattern":{"Regex":" {2,}"},"content":" "},{"type":"Strip"},{"type":"Prepend","prepend":"x"}]},"pre_tokenizer":
    {"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Metaspace","replacement":"▁",
    "prepend_scheme":"first"}]},"post_processor":{"type":"TemplateProcessing","single":[{"Sequence":{"id":"A",
    "type_id":0}}],"pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],
    "special_tokens":{}},"model":{"type":"Unigram","unk_id":0,"byte_fallback":true,"vocab":[["<unk>",0],["T",-1],
    ["▁a",-1.5],["<0xE9>",-9]]}}
    """#,
    #"""
    {"added_tokens":[],"normalizer":{"type":"BertNormalizer","strip_accents":null,"lowercase":true},"pre_tokenizer":
    {"type":"BertPreTokenizer"},"post_processor":{"type":"BertProcessing","sep":["S",2],"cls":["C",1]},"model":
    {"type":"WordPiece","unk_token":"U","max_input_chars_per_word":9,"vocab":{"U":0,"C":1,"S":2,"a":3,"##b":4}}}
    """#,
  ].map { Array($0.utf8) }

  /// Some bytes changed, cut out, doubled or swapped for what such files hold.
  static func mutated(_ original: [UInt8], _ dice: inout Dice) -> [UInt8] {
    var content = original
    let pieces = [
      "null", "-1", "9999999999", "[", "}", "\"\"", "true", "1e999", "\\ud800", "\u{FF}", "{\"type\":\"NFC\"}",
    ]
    for _ in 0..<Int.random(in: 1...3, using: &dice) where !content.isEmpty {
      let place = Int.random(in: 0..<content.count, using: &dice)
      let end = min(content.count, place + Int.random(in: 1...12, using: &dice))
      switch Int.random(in: 0..<5, using: &dice) {
      case 0: content[place] = .random(in: 0...255, using: &dice)
      case 1: content.removeSubrange(place..<end)
      case 2: content.insert(contentsOf: content[place..<end], at: place)
      case 3: content.removeLast(content.count - place)
      default: content.replaceSubrange(place..<end, with: Array((pieces.randomElement(using: &dice) ?? "").utf8))
      }
    }
    return content
  }

  static func text(_ dice: inout Dice, longest: Int = 12) -> String {
    var text = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0...longest, using: &dice) {
      let code: UInt32 =
        switch Int.random(in: 0..<4, using: &dice) {
        case 0: .random(in: 0...0x10FFFF, using: &dice)
        case 1: .random(in: 0x300...0x36F, using: &dice)
        default: Array("ab T`'\u{E9}\u{2581}<m>  ".unicodeScalars).randomElement(using: &dice)?.value ?? 0x20
        }
      if let scalar = Unicode.Scalar(code) { text.append(scalar) }
    }
    return String(text)
  }

  /// What holds for every tokenizer and text.
  static func expectSound(_ tokenizer: any Tokenizer, on text: String) throws {
    var encoding = Encoding()
    tokenizer.tokenize(text, into: &encoding, wantsOffsets: true)
    #expect(encoding.offsets.count == encoding.count && encoding.typeIDs.count == encoding.count)
    let count = text.unicodeScalars.count
    var start = 0
    for range in encoding.offsets {
      #expect(range.lowerBound >= start && range.upperBound <= count, "\(text.debugDescription)")
      start = range.lowerBound
    }
    for id in encoding.ids { #expect(id >= 0 && Int(id) < tokenizer.vocabularySize) }
    let framed = try tokenizer.encode(text, "b", longest: tokenizer.pairFramingCount + 3)
    #expect(framed.count <= tokenizer.pairFramingCount + 3)
  }

  @Test("mutated documents are read or refused by name", arguments: documents.indices)
  func document(index: Int) throws {
    var dice = Dice(UInt64(index) + 41)
    var read = 0
    for _ in 0..<Self.count / Self.documents.count {
      let content = Self.mutated(Self.documents[index], &dice)
      do {
        let parts = try TokenizerDocument(content, file: "tokenizer.json").parts()
        let tokenizer = ComposedTokenizer(parts, roles: TokenizerRoles(), document: content)
        try Self.expectSound(tokenizer, on: Self.text(&dice))
        read += 1
      } catch let error as RetortError {
        #expect(!error.message.isEmpty && error.place.file == "tokenizer.json", "\(error)")
      }
    }
    #expect(read > 0)
  }

  @Test("mutated sentencepiece models are read or refused by name")
  func sentencePiece() throws {
    var dice = Dice(43)
    func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] { [number << 3 | 2, UInt8(content.count)] + content }
    func piece(_ text: String, _ kind: UInt8) -> [UInt8] {
      field(1, field(1, Array(text.utf8)) + [0x15, 0, 0, 0xC0, 0xBF, 0x18, kind])
    }
    let map: [UInt8] = [8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x61, 0]
    let original =
      piece("<pad>", 3) + piece("<unk>", 2) + piece("[CLS]", 3) + piece("[SEP]", 3) + piece("▁a", 1) + piece("b", 1)
      + field(2, [0x18, 1, 0xC0, 0x02, 1]) + field(3, field(2, map))
    _ = try SentencePieceModel(original, file: "spiece.model")
    for _ in 0..<Self.count {
      let content = Self.mutated(original, &dice)
      do {
        let model = try SentencePieceModel(content, file: "spiece.model")
        let document = TokenizerDocument.albert(model, options: AlbertOptions())
        let parts = try TokenizerDocument(document, file: "spiece.model").parts()
        try Self.expectSound(ComposedTokenizer(parts, roles: TokenizerRoles(), document: []), on: Self.text(&dice))
      } catch let error as RetortError {
        #expect(!error.message.isEmpty && error.place.file == "spiece.model", "\(error)")
      }
    }
  }

  @Test("random character maps are read or refused, and change text within its bounds")
  func characterMap() throws {
    var dice = Dice(47)
    for _ in 0..<Self.count / 4 {
      let units = Int.random(in: 1...63, using: &dice)
      var content: [UInt8] = [UInt8(units * 4), 0, 0, 0]
      for _ in 0..<units * 4 { content.append(Bool.random(using: &dice) ? 0 : .random(in: 0...255, using: &dice)) }
      content += Array("x\0éa\0\0yz".utf8)
      if Int.random(in: 0..<8, using: &dice) == 0 { content = Self.mutated(content, &dice) }
      guard let map = try? CharacterMap(content) else { continue }
      var text = NormalizedText(tracksSpans: true)
      text.codes = Self.text(&dice).unicodeScalars.map(\.value)
      let count = text.codes.count
      text.spans = text.codes.indices.map { SourceSpan(start: UInt32($0), end: UInt32($0 + 1)) }
      map.apply(to: &text)
      #expect(text.spans.count == text.codes.count)
      #expect(text.spans.allSatisfy { $0.start <= $0.end && $0.end <= count })
    }
  }

  @Test("mutated vocab.json and merges.txt are read or refused by name")
  func bytePairFiles() throws {
    var dice = Dice(53)
    let vocabulary = Array(#"{"<s>":0,"<pad>":1,"</s>":2,"<unk>":3,"a":4,"b":5,"ab":6,"<mask>":7}"#.utf8)
    let merges = Array("#version: 0.2\na b\n".utf8)
    let configuration = Array(RobertaOptions().configurationText.utf8)
    try withTemporaryFolder { folder in
      for _ in 0..<Self.count / 20 {
        for (name, original) in [
          ("vocab.json", vocabulary), ("merges.txt", merges), ("tokenizer_config.json", configuration),
        ] {
          let content = Bool.random(using: &dice) ? original : Self.mutated(original, &dice)
          try Data(content).write(to: URL(fileURLWithPath: folder.appending(name).string))
        }
        do {
          try Self.expectSound(TokenizerFolder.read(folder), on: Self.text(&dice))
        } catch let error as RetortError {
          #expect(!error.message.isEmpty && error.place.file?.hasPrefix(folder.string) == true, "\(error)")
        }
      }
    }
  }

  @Test("any scalars are cut within their bounds", arguments: ComposedTokenizerTests.kinds + ["nfc", "nfkd"])
  func scalars(kind: String) throws {
    let tokenizer = try ComposedTokenizerTests.tokenizer(kind)
    var dice = Dice(59)
    for _ in 0..<Self.count / 20 { try Self.expectSound(tokenizer, on: Self.text(&dice, longest: 40)) }
  }

  @Test("a word without end takes no longer than its length", arguments: ComposedTokenizerTests.kinds)
  func longWord(kind: String) throws {
    let tokenizer = try ComposedTokenizerTests.tokenizer(kind)
    for word in ["film", "ing", "é", "漢", "\u{301}\u{323}", " ", "a\u{200D}"] {
      try Self.expectSound(tokenizer, on: String(repeating: word, count: 3_000))
    }
  }

  @Test("what is not done is refused by its member's name")
  func refusals() throws {
    func refusal(_ index: Int, _ old: String, _ new: String) throws -> RetortError? {
      let text = String(decoding: Self.documents[index], as: UTF8.self)
      let changed = text.replacingOccurrences(of: old, with: new)
      #expect(text != changed)
      return #expect(throws: RetortError.self, "\(new)") {
        try TokenizerDocument(Array(changed.utf8), file: "tokenizer.json").parts()
      }
    }
    let normalizer = try refusal(1, #"{"type":"NFKD"}"#, #"{"type":"Nmt"}"#)
    #expect(normalizer?.code == "tokenizer.unsupported")
    #expect(normalizer?.message == "`normalizer.normalizers[1]` asks for the normalizer Nmt, which Retort does not do.")
    #expect(normalizer?.remedy.contains("ALBERT") == true)
    #expect(try refusal(1, "WhitespaceSplit", "Digits")?.place.field == "pre_tokenizer.pretokenizers[0]")
    #expect(try refusal(1, " {2,}", "\\\\s+")?.code == "tokenizer.unsupported")
    #expect(try refusal(1, "TemplateProcessing", "Other")?.place.field == "post_processor")
    #expect(try refusal(1, #""unk_id":0"#, #""unk_id":4"#)?.place.field == "model.unk_id")
    #expect(try refusal(0, "BPE", "WordLevel")?.message.contains("WordLevel") == true)
    #expect(try refusal(0, #""a":0"#, #""a":1"#)?.code == "vocabulary.duplicate")
    #expect(try refusal(0, #""a":0"#, #""a":99999999"#)?.code == "vocabulary.badNumber")
    #expect(try refusal(0, #""a b""#, #""a c""#)?.place.field == "model.merges[1]")
    #expect(try refusal(0, "ByteLevel", "WhitespaceSplit")?.code == "tokenizer.unsupported")
    try withTemporaryFolder { folder in
      let missing = #expect(throws: RetortError.self) { try TokenizerFolder.read(folder) }
      #expect(missing?.code == "tokenizer.missing")
    }
  }
}
