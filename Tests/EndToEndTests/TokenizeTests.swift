import Foundation
import Testing

/// `retort tokenize` as a program: lines in, lines of JSON out.
struct TokenizeTests {
  private let folder: TemporaryFolder
  private let program: BuiltProgram

  init() throws {
    folder = try TemporaryFolder("tokenize")
    program = BuiltProgram("retort", in: folder.url)
    // BERT's rules with a few words, padded and cut as the file has it.
    let document = #"""
      {"version":"1.0","truncation":{"max_length":3,"strategy":"LongestFirst","stride":0},"padding":{"strategy":{"Fixed":9},
      "direction":"Right","pad_to_multiple_of":null,"pad_id":0,"pad_type_id":0,"pad_token":"[PAD]"},"added_tokens":
      [{"id":0,"special":true,"content":"[PAD]","normalized":false},{"id":4,"special":true,"content":"[MASK]","lstrip":true,
      "normalized":false}],"normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,
      "strip_accents":null,"lowercase":true},"pre_tokenizer":{"type":"BertPreTokenizer"},"post_processor":
      {"type":"BertProcessing","sep":["[SEP]",3],"cls":["[CLS]",2]},"decoder":null,"model":{"type":"WordPiece","unk_token":
      "[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":100,"vocab":{"[PAD]":0,"[UNK]":1,"[CLS]":2,
      "[SEP]":3,"[MASK]":4,"film":5,"##s":6,"\"":7,"né":8,"cafe":9}}}
      """#
    try FileManager.default.createDirectory(at: folder.url.appending(path: "model"), withIntermediateDirectories: false)
    try Data(document.utf8).write(to: folder.url.appending(path: "model/tokenizer.json"))
  }

  private func run(_ arguments: [String], _ input: String) throws -> BuiltProgram.Result {
    var program = program
    program.input = Data(input.utf8)
    return try program.run(["tokenize", "model"] + arguments)
  }

  @Test func linesAreTextsAlsoEmptyOnes() throws {
    let result = try run([], "Films \"x\"\n\nCAFÉ [MASK]\r\nfilm film film film")
    #expect(result.status == 0, "\(result.errors)")
    #expect(
      result.lines == [
        ###"{"ids": [2, 5, 6, 7, 1, 7, 3], "tokens": ["[CLS]", "film", "##s", "\"", "[UNK]", "\"", "[SEP]"], "###
          + #""offsets": [[0, 0], [0, 4], [4, 5], [6, 7], [7, 8], [8, 9], [0, 0]]}"#,
        #"{"ids": [2, 3], "tokens": ["[CLS]", "[SEP]"], "offsets": [[0, 0], [0, 0]]}"#,
        #"{"ids": [2, 9, 4, 3], "tokens": ["[CLS]", "cafe", " [MASK]", "[SEP]"], "#
          + #""offsets": [[0, 0], [0, 4], [4, 11], [0, 0]]}"#,
        #"{"ids": [2, 5, 5, 5, 5, 3], "tokens": ["[CLS]", "film", "film", "film", "film", "[SEP]"], "#
          + #""offsets": [[0, 0], [0, 4], [5, 9], [10, 14], [15, 19], [0, 0]]}"#,
      ])
  }

  @Test func stringsOfJSONAreTextsAndABadOneIsNamed() throws {
    let result = try run(["--json", "--no-special-tokens"], "\"film\\nfilms\"\n\"\"\n")
    #expect(result.status == 0, "\(result.errors)")
    #expect(
      result.lines == [
        ###"{"ids": [5, 5, 6], "tokens": ["film", "film", "##s"], "offsets": [[0, 4], [5, 9], [9, 10]]}"###,
        #"{"ids": [], "tokens": [], "offsets": []}"#,
      ])
    for line in ["film", "{}", "\"a", "\"\\ud800\"", ""] {
      let refused = try run(["--json"], "\"film\"\n\(line)\n\"film\"\n")
      #expect(refused.status != 0 && refused.lines.count == 1)
      #expect(refused.errors.contains("stdin:2"), "\(refused.errors)")
    }
  }

  @Test func aFolderWithoutTokenizerIsRefusedWithTheRemedy() throws {
    let result = try program.run(["tokenize", "."])
    #expect(result.status == 1)
    #expect(result.errors.contains("There is no tokenizer") && result.errors.contains("tokenizer.json"))
  }
}
