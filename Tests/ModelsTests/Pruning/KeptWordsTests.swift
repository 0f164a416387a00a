import Artifacts
import Models
import RetortTesting
import Tensors
import Testing

/// Models and tokenizers with some words taken out.
struct KeptWordsTests {
  /// Specials and every token of the golden batch, which leaves some out.
  private static func kept(_ batch: PackedBatch) -> [Int32] { Set([0, 1, 2, 3, 4] + batch.ids).sorted() }

  private static func renumbered(_ batch: PackedBatch, _ kept: [Int32]) throws -> PackedBatch {
    let places = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($0.element, Int32($0.offset)) })
    var result = PackedBatch()
    for sequence in 0..<batch.sequenceCount {
      let rows = Int(batch.offsets[sequence])..<Int(batch.offsets[sequence + 1])
      try result.append(batch.ids[rows].map { try #require(places[$0]) }, types: Array(batch.typeIDs[rows]))
    }
    return result
  }

  @Test func statesAndLogitsKeepTheirBits() throws {
    let tiny = try TinyBert("maskedLM", head: .maskedLM)
    // One word of the batch's is not needed by it alone: keep also one that does not occur.
    var kept = Self.kept(tiny.batch)
    let unused = try #require((5..<60).first { !kept.contains(Int32($0)) })
    kept = (kept + [Int32(unused)]).sorted()
    #expect(kept.count < 60)
    let whole = BertCheckpoint(tiny.bert, values: tiny.values)
    let small = try whole.keeping(words: kept)
    #expect(small.bert.configuration.vocabularySize == kept.count)
    let batch = try Self.renumbered(tiny.batch, kept)
    let (large, little) = (try InferenceModel(whole), try InferenceModel(small))
    #expect(try little.hiddenStates(batch) == large.hiddenStates(tiny.batch))
    let rows = try tiny.integers("rows")
    let expected = try large.wordLogits(tiny.batch, at: rows).map { row in kept.map { row[Int($0)] } }
    #expect(try little.wordLogits(batch, at: rows) == expected)

    func tape(_ model: BertCheckpoint, _ batch: PackedBatch) throws -> [Float] {
      let graph = try Graph<Float>()
      graph.begin(recording: false)
      return try model.bert.encode(batch, with: ParameterBinding(model.bert.layout, values: model.values), in: graph)
        .last.values
    }
    #expect(try tape(small, batch) == tape(whole, tiny.batch))
  }

  @Test func classifiersKeepTheirBits() throws {
    let tiny = try TinyBert("classifier", head: .classifier(labels: 3))
    let kept = Self.kept(tiny.batch)
    let whole = BertCheckpoint(tiny.bert, values: tiny.values)
    let small = try whole.keeping(words: kept)
    let expected = try InferenceModel(whole).logits(tiny.batch)
    #expect(try InferenceModel(small).logits(Self.renumbered(tiny.batch, kept)) == expected)
    #expect(small.bert.layout.parameterCount == tiny.bert.layout.parameterCount - (60 - kept.count) * 24)
  }

  @Test func allWordsAreTheSameFolder() throws {
    for (name, head) in TinyFolders.heads {
      let whole = try TinyFolders.checkpoint(name, head)
      let same = try whole.keeping(words: Array(0..<60))
      let tokenizer = try TinyFolders.tokenizer()
      try withTemporaryFolder { one in
        try withTemporaryFolder { other in
          try whole.write(to: one)
          try tokenizer.write(to: one)
          try same.write(to: other)
          try tokenizer.keeping(Array(0..<60)).write(to: other)
          for file in ["config.json", "model.safetensors", "vocab.txt", "tokenizer_config.json"] {
            #expect(try Files.read(one.appending(file)) == Files.read(other.appending(file)), "\(name) \(file)")
          }
        }
      }
    }
  }

  @Test func thePaddingWordIsRenumbered() throws {
    var configuration = TinyBert.configuration
    configuration.paddingToken = 7
    let bert = try Bert(configuration, head: .encoder)
    let model = BertCheckpoint(bert, values: bert.initialValues(seed: 1))
    #expect(try model.keeping(words: [2, 5, 7, 9]).bert.configuration.paddingToken == 2)
    #expect(try model.keeping(words: [2, 5, 9]).bert.configuration.paddingToken == 0)
  }

  @Test func wrongWordsAreRefused() throws {
    let model = try TinyFolders.checkpoint("classifier", .classifier(labels: 3))
    for ids: [Int32] in [[], [0, 60], [-1], [3, 3]] {
      #expect(code { _ = try model.keeping(words: ids) } == "prune.words")
    }
    let tokenizer = try TinyFolders.tokenizer()
    #expect(code { _ = try tokenizer.keeping([0, 1, 2, 3, 60]) } == "prune.words")
    #expect(code { _ = try tokenizer.keeping([0, 1, 2, 4, 5]) } == "tokenizer.specialToken")
  }

  // MARK: Tokenizers

  /// Random vocabularies, random texts: whatever else is dropped, texts all of whose tokens stay keep them.
  @Test(arguments: 1...40) func keptTextsAreCutAlike(seed: UInt64) throws {
    var dice = Dice(seed)
    let letters = ["a", "b", "c", "d"]
    func word(_ longest: Int) -> String {
      (0..<Int.random(in: 1...longest, using: &dice)).map { _ in letters.randomElement(using: &dice) ?? "a" }.joined()
    }
    var tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + letters + letters.map { "##\($0)" }
    for _ in 0..<40 {
      let token = (Bool.random(using: &dice) ? "##" : "") + word(5)
      if !tokens.contains(token) { tokens.append(token) }
    }
    let whole = try BertTokenizer(table: TokenTable(tokens))
    let texts = (0..<30).map { _ in (0..<4).map { _ in word(9) }.joined(separator: " ") }
    let needed = texts.prefix(5).reduce(into: whole.specialIDs) { $0.formUnion(whole.ids(of: $1)) }
    let kept = needed.sorted()
    let small = try whole.keeping(kept)
    #expect(small.vocabularySize == kept.count)
    var compared = 0
    for text in texts {
      let ids = whole.ids(of: text)
      guard ids.allSatisfy(needed.contains) else { continue }
      compared += 1
      #expect(small.ids(of: text).map { kept[Int($0)] } == ids, "\(text)")
    }
    #expect(compared >= 5)
  }

  /// The caveat that the documentation names.
  @Test func anUnknownWordMayBecomeKnown() throws {
    let tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "ab", "a", "##bc"]
    let whole = try BertTokenizer(table: TokenTable(tokens))
    #expect(whole.ids(of: "abc") == [1])
    let small = try whole.keeping([0, 1, 2, 3, 4, 6, 7])
    #expect(small.ids(of: "abc").compactMap { small.token($0) } == ["a", "##bc"])
    #expect(small.ids(of: "ab") == [1])
  }
}
