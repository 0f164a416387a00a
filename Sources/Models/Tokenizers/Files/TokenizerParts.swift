/// What a tokenizer is put together from.
struct TokenizerParts: Sendable {
  var normalizer: Normalizer?
  var preTokenizers: [PreTokenizer] = []
  var model: PieceModel
  var framing = Framing.bare
  var trimming: ComposedTokenizer.OffsetTrimming?
  /// The texts of all tokens by number; nil where a number has none.
  var tokens: [String?]
  var table: ByteTrie
  var added: [AddedToken] = []
  /// What the file pads with, where it pads.
  var paddingID: Int32?
}

/// What a tokenizer's document calls its tokens by.
struct Lexicon {
  /// Numbers are below this, which bounds what a file can make Retort allocate.
  static let limit = 1 << 22

  private(set) var tokens: [String?] = []
  private(set) var table = ByteTrie(expecting: 0)
  private var bytes = 0
  let file: String?

  init(expecting count: Int, file: String?) {
    table = ByteTrie(expecting: count)
    self.file = file
  }

  /// Numbers a token; the same pair may come twice.
  ///
  /// - Throws: `vocabulary.badNumber`, `vocabulary.duplicate`, `vocabulary.tooLarge`.
  mutating func add(_ token: String, _ id: Int) throws {
    guard id >= 0, id < Self.limit else {
      throw refusal(
        "vocabulary.badNumber",
        "The token \"\(token)\" has the number \(id); numbers from 0 to \(Self.limit - 1) are read.",
        at: file)
    }
    bytes += token.utf8.count
    guard bytes < ByteTrie.largest else {
      throw refusal("vocabulary.tooLarge", "The vocabulary has more than \(ByteTrie.largest) bytes of text.", at: file)
    }
    if tokens.count <= id { tokens += [String?](repeating: nil, count: id + 1 - tokens.count) }
    if let known = tokens[id], !known.utf8.elementsEqual(token.utf8) {
      throw refusal("vocabulary.duplicate", "\"\(known)\" and \"\(token)\" both have the number \(id).", at: file)
    }
    tokens[id] = token
    if let known = table.insert(token.utf8, value: Int32(id)), known != id {
      throw refusal("vocabulary.duplicate", "The token \"\(token)\" has the numbers \(known) and \(id).", at: file)
    }
  }

  func id(of token: String) -> Int32? { table.value(of: token.utf8) }
}
