import Artifacts

/// Reads the tokenizer of a model's folder, of whatever kind it is.
public enum TokenizerFolder {
  /// Files that say what the tokenizer is, the one that decides first.
  static let names = ["tokenizer.json", "vocab.txt", "vocab.json", "spiece.model"]

  /// Whether a folder has a tokenizer's files.
  public static func isOne(_ folder: FilePath) -> Bool { names.contains { fileExists(folder.appending($0)) } }

  /// The tokenizer of a folder: that of `tokenizer.json`, or else of `vocab.txt` (WordPiece), of `vocab.json` and
  /// `merges.txt` (byte-level BPE) or of `spiece.model` (Unigram), with `tokenizer_config.json`.
  ///
  /// - Throws: `tokenizer.missing` where there is none of these, `tokenizer.unsupported` naming what Retort does not do,
  ///   `tokenizer.badDocument`, `tokenizer.badConfiguration`, `tokenizer.specialToken`, what a vocabulary throws, and
  ///   errors of reading.
  public static func read(_ folder: FilePath) throws -> any Tokenizer {
    let document = folder.appending("tokenizer.json")
    if fileExists(document) { return try tokenizer(of: document, in: folder) }
    if fileExists(folder.appending("vocab.txt")) { return try BertTokenizer(folder: folder) }
    if fileExists(folder.appending("vocab.json")) { return try ComposedTokenizer(bytePairsIn: folder) }
    if fileExists(folder.appending("spiece.model")) { return try ComposedTokenizer(sentencePieceIn: folder) }
    throw refusal(
      "tokenizer.missing", "There is no tokenizer in this folder: it has neither \(names.joined(separator: " nor ")).",
      at: folder.string, remedy: "Copy the model's tokenizer.json into it.")
  }

  private static func tokenizer(of path: FilePath, in folder: FilePath) throws -> any Tokenizer {
    let bytes = try contents(of: path, limit: 1 << 28)
    let document = try TokenizerDocument(bytes, file: path.string)
    let roles = try TokenizerRoles(folder: folder)
    let parts = try document.parts()
    // Words of BERT have a faster way, to the same tokens.
    if let bert = try BertTokenizer(parts, roles: roles, file: path.string) { return bert }
    return ComposedTokenizer(parts, roles: roles, document: bytes)
  }
}

extension BertTokenizer {
  /// The tokenizer that does what the parts say, or nil where they differ from BERT's.
  init?(_ parts: TokenizerParts, roles: TokenizerRoles, file: String) throws {
    guard case .wordPiece(let pieces) = parts.model, case .bert(let words)? = parts.normalizer, words.cleansText,
      parts.preTokenizers == [.bert], pieces.prefix == "##",
      pieces.longestWord == BertTokenizerOptions().longestWord, parts.tokens.count == pieces.table.count,
      parts.trimming == nil, case .special(let start, 0)? = parts.framing.single.first,
      case .special(let end, 0)? = parts.framing.single.last, start.count == 1, end.count == 1
    else { return nil }
    let framing = Framing(
      single: [.special(start, type: 0), .first(type: 0), .special(end, type: 0)],
      pair: [
        .special(start, type: 0), .first(type: 0), .special(end, type: 0), .second(type: 1), .special(end, type: 1),
      ])
    guard parts.framing == framing else { return nil }
    func name(_ id: Int32) -> String? { pieces.table[id] }
    func role(_ name: String?, _ usual: String) -> String? {
      let name = name ?? usual
      return pieces.table.id(of: name) == nil ? nil : name
    }
    var options = BertTokenizerOptions()
    guard let unknown = name(pieces.unknown), let classifier = name(start[0]), let separator = name(end[0]),
      let padding = role(roles.padding, options.paddingToken)
    else { return nil }
    options.words = words
    (options.unknownToken, options.classifierToken) = (unknown, classifier)
    (options.separatorToken, options.paddingToken) = (separator, padding)
    options.maskToken = roles.mask ?? options.maskToken
    options.modelLength = roles.modelLength ?? options.modelLength
    let found = Set(options.specialTokens.filter { pieces.table.id(of: $0) != nil })
    let added = parts.added.map(\.content)
    guard Set(added) == found,
      parts.added.allSatisfy({
        !$0.isSingleWord && !$0.stripsLeft && !$0.stripsRight && !$0.isNormalized && $0.isSpecial
      })
    else { return nil }
    try self.init(table: pieces.table, options: options, file: file)
  }
}
