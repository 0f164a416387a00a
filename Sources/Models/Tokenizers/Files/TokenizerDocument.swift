import Artifacts

/// `tokenizer.json` of Hugging Face tokenizers: its members as parts of a tokenizer.
///
/// What Retort does not do is refused by name, never left out in silence; padding and truncation are the caller's and are
/// not read.
struct TokenizerDocument {
  let root: JSONValue
  let file: String

  /// - Throws: `tokenizer.badDocument`.
  init(_ bytes: [UInt8], file: String) throws {
    self.file = file
    do throws(JSONFault) {
      root = try JSONValue(parsing: bytes)
    } catch {
      let line = bytes.prefix(error.offset).reduce(1) { $0 + ($1 == 0x0A ? 1 : 0) }
      throw refusal("tokenizer.badDocument", "It is no valid JSON: \(error.reason).", at: file, line: line)
    }
    guard case .object = root else { throw refusal("tokenizer.badDocument", "The document is no object.", at: file) }
  }

  init(_ root: JSONValue, file: String) { (self.root, self.file) = (root, file) }

  /// A member with a value that it cannot have.
  func wrong(_ field: String, _ wanted: String) -> RetortError {
    refusal(
      "tokenizer.badDocument", "`\(field)` should be \(wanted).", at: file, field: field,
      remedy: "Write the file again with Hugging Face tokenizers.")
  }

  /// A member with a value that Retort has no code for.
  func unsupported(_ field: String, _ what: String) -> RetortError {
    refusal(
      "tokenizer.unsupported", "`\(field)` asks for \(what), which Retort does not do.", at: file, field: field,
      remedy: "Use a tokenizer like that of BERT, DistilBERT, MobileBERT, RoBERTa or ALBERT.")
  }

  /// A value that must be an object with a type.
  func type(of value: JSONValue, _ field: String) throws -> String {
    guard case .object = value, let type = value["type"]?.text else { throw wrong(field, "an object with a `type`") }
    return type
  }

  func flag(_ name: String, of value: JSONValue, _ field: String, default standard: Bool) throws -> Bool {
    switch value[name] {
    case nil, .null: return standard
    case .bool(let flag): return flag
    default: throw wrong("\(field).\(name)", "true or false")
    }
  }

  func text(_ name: String, of value: JSONValue, _ field: String) throws -> String {
    guard let text = value[name]?.text else { throw wrong("\(field).\(name)", "a text") }
    return text
  }

  func items(_ name: String, of value: JSONValue, _ field: String) throws -> [JSONValue] {
    guard case .array(let items)? = value[name] else { throw wrong("\(field).\(name)", "a list") }
    return items
  }

  /// The parts that the document names.
  ///
  /// - Throws: `tokenizer.badDocument`, `tokenizer.unsupported` naming the member, and what a vocabulary throws.
  func parts() throws -> TokenizerParts {
    let (model, lexicon) = try model()
    var parts = TokenizerParts(model: model, tokens: lexicon.tokens, table: lexicon.table)
    var names = lexicon
    parts.added = try addedTokens(&names)
    (parts.tokens, parts.table) = (names.tokens, names.table)
    parts.normalizer = try normalizer(root["normalizer"] ?? .null, "normalizer")
    parts.preTokenizers = try preTokenizers(root["pre_tokenizer"] ?? .null, "pre_tokenizer")
    try checkBytes(parts)
    try readPostProcessor(into: &parts, vocabulary: parts.tokens.count)
    if let id = root["padding"]?["pad_id"]?.integer, parts.tokens.indices.contains(id) { parts.paddingID = Int32(id) }
    return parts
  }

  /// Byte-level words go with byte pairs alone.
  private func checkBytes(_ parts: TokenizerParts) throws {
    let places = parts.preTokenizers.indices.filter {
      if case .byteLevel = parts.preTokenizers[$0] { return true }
      return false
    }
    if case .bytePairs = parts.model {
      guard places == [parts.preTokenizers.count - 1] else {
        throw unsupported("pre_tokenizer", "byte pairs without a ByteLevel pre-tokenizer at the end")
      }
    } else if !places.isEmpty {
      throw unsupported("pre_tokenizer", "byte-level words for a model other than BPE")
    }
  }

  private func addedTokens(_ lexicon: inout Lexicon) throws -> [AddedToken] {
    let items: [JSONValue]
    switch root["added_tokens"] {
    case nil, .null: return []
    case .array(let list): items = list
    default: throw wrong("added_tokens", "a list")
    }
    var tokens: [AddedToken] = []
    for (index, item) in items.enumerated() {
      let field = "added_tokens[\(index)]"
      guard case .object = item, let id = item["id"]?.integer else { throw wrong("\(field).id", "a number") }
      let content = try text("content", of: item, field)
      guard !content.isEmpty else { throw wrong("\(field).content", "a text that is not empty") }
      try lexicon.add(content, id)
      tokens.append(
        AddedToken(
          id: Int32(id), content: content,
          isSingleWord: try flag("single_word", of: item, field, default: false),
          stripsLeft: try flag("lstrip", of: item, field, default: false),
          stripsRight: try flag("rstrip", of: item, field, default: false),
          isNormalized: try flag("normalized", of: item, field, default: true),
          isSpecial: try flag("special", of: item, field, default: false)))
    }
    return tokens
  }
}
