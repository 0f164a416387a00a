import Artifacts
import Foundation
import Testing

@testable import Models

@Suite(
  "Published vectors of BERT's words",
  .enabled(if: dataFolder != nil, "set RETORT_DATA to the folder of public data sets"))
struct BertVectorTests {
  private func file(_ name: String) throws -> Data {
    try Data(contentsOf: try #require(dataFolder).appending(path: "bert_tokenizer_vectors/\(name)"))
  }

  @Test("words are those of the reference's own tests")
  func words() throws {
    let cases = try JSONValue(parsing: [UInt8](file("basic_cases.json"))).items.filter { $0["kind"]?.text == "basic" }
    #expect(!cases.isEmpty)
    for item in cases {
      var text = item["text"]?.text ?? ""
      var scratch = BertWords.Scratch()
      var words: [String] = []
      let rules = BertWords(lowercases: item["lower"]?.flag ?? true)
      text.withUTF8 { bytes in
        rules.forEachWord(in: bytes, scratch: &scratch) { words.append(String(decoding: $0.bytes, as: UTF8.self)) }
      }
      #expect(words == item["tokens"]?.items.compactMap(\.text), "\(item.compactText)")
    }
  }

  @Test("each code point is lowered and stripped as in another published map")
  func characters() throws {
    func code(_ text: Substring) -> UInt32? { UInt32(text.dropFirst(2), radix: 16) }
    var (count, others): (Int, Set<UInt32>) = (0, [])
    for line in String(decoding: try file("charmap.utf8"), as: UTF8.self).split(separator: "\n")
    where line.hasPrefix("\\x") {
      let codes = line.split(separator: " ").compactMap(code)
      var text = NormalizedText(codes: [codes[0]])
      Normalizer.bert(BertWords()).apply(to: &text)
      count += 1
      if text.codes != Array(codes.dropFirst()) { others.insert(codes[0]) }
    }
    #expect(count == 1914)
    // Two vowels of three parts, the last of which that map drops and Hugging Face tokenizers keeps.
    #expect(others == [0x0CCB, 0x0DDD])
  }
}
