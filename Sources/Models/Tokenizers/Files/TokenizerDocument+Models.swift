import Artifacts

extension TokenizerDocument {
  /// The model and its own vocabulary.
  func model() throws -> (PieceModel, Lexicon) {
    guard let value = root["model"], case .object = value else { throw wrong("model", "an object") }
    // Files of older releases do not name the type.
    var kind = value["type"]?.text ?? ""
    if kind.isEmpty {
      if value["merges"] != nil {
        kind = "BPE"
      } else if case .array? = value["vocab"] {
        kind = "Unigram"
      } else {
        kind = "WordPiece"
      }
    }
    switch kind {
    case "WordPiece": return try wordPiece(value)
    case "BPE": return try bytePairs(value)
    case "Unigram": return try unigram(value)
    default: throw unsupported("model", "the model \(kind)")
    }
  }

  private func numbered(_ value: JSONValue) throws -> Lexicon {
    guard case .object(let members)? = value["vocab"] else { throw wrong("model.vocab", "an object") }
    var lexicon = Lexicon(expecting: members.count, file: file)
    for member in members {
      guard let id = member.value.integer else { throw wrong("model.vocab", "an object of numbers") }
      try lexicon.add(member.name, id)
    }
    return lexicon
  }

  private func wordPiece(_ value: JSONValue) throws -> (PieceModel, Lexicon) {
    let lexicon = try numbered(value)
    guard !lexicon.tokens.contains(nil) else {
      throw unsupported("model.vocab", "a WordPiece vocabulary whose numbers have gaps")
    }
    let name = try text("unk_token", of: value, "model")
    guard let unknown = lexicon.id(of: name) else { throw wrong("model.unk_token", "a token of the vocabulary") }
    var longest = BertTokenizerOptions().longestWord
    if let limit = value["max_input_chars_per_word"] {
      guard let limit = limit.integer, limit >= 0 else { throw wrong("model.max_input_chars_per_word", "a number") }
      longest = limit
    }
    let prefix = value["continuing_subword_prefix"]?.text ?? "##"
    let table = try TokenTable(lexicon.tokens.compactMap { $0 }, file: file)
    return (.wordPiece(WordPiece(table: table, unknown: unknown, longestWord: longest, prefix: prefix)), lexicon)
  }

  private func bytePairs(_ value: JSONValue) throws -> (PieceModel, Lexicon) {
    let lexicon = try numbered(value)
    for name in ["continuing_subword_prefix", "end_of_word_suffix"] {
      guard (value[name]?.text ?? "").isEmpty else { throw unsupported("model.\(name)", "marks on pieces of words") }
    }
    if let dropout = value["dropout"]?.double, dropout > 0 {
      throw unsupported("model.dropout", "merges that are left out at random")
    }
    if try flag("byte_fallback", of: value, "model", default: false) {
      throw unsupported("model.byte_fallback", "bytes as a last resort of byte pairs")
    }
    var unknown: Int32?
    if let name = value["unk_token"]?.text {
      guard let id = lexicon.id(of: name) else { throw wrong("model.unk_token", "a token of the vocabulary") }
      unknown = id
    }
    var merges: [(left: Int32, right: Int32, joined: Int32)] = []
    for (index, item) in try items("merges", of: value, "model").enumerated() {
      let field = "model.merges[\(index)]"
      let parts: [String]
      switch item {
      case .string(let text): parts = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
      case .array(let items): parts = items.compactMap(\.text)
      default: parts = []
      }
      guard parts.count == 2 else { throw wrong(field, "two tokens") }
      guard let left = lexicon.id(of: parts[0]), let right = lexicon.id(of: parts[1]),
        let joined = lexicon.id(of: parts[0] + parts[1])
      else { throw wrong(field, "two tokens that are in the vocabulary together with what they join to") }
      merges.append((left, right, joined))
    }
    let model = BytePairs(
      tokens: lexicon.tokens, merges: merges, unknown: unknown,
      fusesUnknown: try flag("fuse_unk", of: value, "model", default: false),
      ignoresMerges: try flag("ignore_merges", of: value, "model", default: false))
    return (.bytePairs(model), lexicon)
  }

  private func unigram(_ value: JSONValue) throws -> (PieceModel, Lexicon) {
    let list = try items("vocab", of: value, "model")
    var lexicon = Lexicon(expecting: list.count, file: file)
    var scores: [Double] = []
    for (id, item) in list.enumerated() {
      guard case .array(let pair) = item, pair.count == 2, let token = pair[0].text, let score = pair[1].double,
        score.isFinite
      else { throw wrong("model.vocab[\(id)]", "a token and its score") }
      try lexicon.add(token, id)
      scores.append(score)
    }
    guard let unknown = value["unk_id"]?.integer, scores.indices.contains(unknown) else {
      throw wrong("model.unk_id", "the number of a token")
    }
    var byteIDs: [Int32]?
    if try flag("byte_fallback", of: value, "model", default: false) {
      byteIDs = (0..<256).map { byte in
        let digits = String(byte, radix: 16, uppercase: true)
        return lexicon.id(of: "<0x\(digits.count == 1 ? "0" : "")\(digits)>") ?? -1
      }
    }
    let model = Unigram(trie: lexicon.table, scores: scores, unknown: Int32(unknown), byteIDs: byteIDs)
    return (.unigram(model), lexicon)
  }
}
