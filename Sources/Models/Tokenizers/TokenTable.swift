import Artifacts

/// Tokens numbered from 0, found by their bytes.
///
/// Tokens that differ in bytes are different tokens, also where Swift's strings call them equal (é composed and not).
public struct TokenTable: Sendable {
  /// The tokens in the order of their numbers.
  public let tokens: [String]
  let trie: ByteTrie

  /// - Throws: `vocabulary.empty`, `vocabulary.duplicate`, `vocabulary.tooLarge`.
  public init(_ tokens: [String], file: String? = nil) throws {
    guard !tokens.isEmpty else { throw refusal("vocabulary.empty", "The vocabulary has no tokens.", at: file) }
    guard tokens.reduce(0, { $0 + $1.utf8.count }) < ByteTrie.largest else {
      throw refusal("vocabulary.tooLarge", "The vocabulary has more than \(ByteTrie.largest) bytes of text.", at: file)
    }
    var trie = ByteTrie(expecting: tokens.count)
    for (id, token) in tokens.enumerated() {
      if let first = trie.insert(token.utf8, value: Int32(id)) {
        throw refusal(
          "vocabulary.duplicate", "The token \"\(token)\" stands twice, as number \(first) and \(id).", at: file,
          line: id + 1)
      }
    }
    (self.tokens, self.trie) = (tokens, trie)
  }

  public var count: Int { tokens.count }

  /// The number of a token, if it is one.
  public func id(of token: String) -> Int32? { trie.value(of: token.utf8) }

  /// The token of a number, if there is one.
  public subscript(id: Int32) -> String? { tokens.indices.contains(Int(id)) ? tokens[Int(id)] : nil }
}

extension TokenTable {
  /// Reads `vocab.txt`: one token a line, numbered from 0; white space at a line's end does not count.
  ///
  /// - Throws: `file.missing`, `file.unreadable`, `vocabulary.notText` (with the line), and what `init(_:)` throws.
  public init(readingVocabularyAt path: FilePath) throws {
    let bytes = try contents(of: path)
    var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    var tokens: [String] = []
    tokens.reserveCapacity(lines.count)
    for (index, line) in lines.enumerated() {
      guard let text = String(validating: line, as: UTF8.self) else {
        throw refusal("vocabulary.notText", "The line is not UTF-8.", at: path.string, line: index + 1)
      }
      let scalars = text.unicodeScalars
      if let last = scalars.last, last.properties.isWhitespace {
        let end = scalars.lastIndex { !$0.properties.isWhitespace }.map { scalars.index(after: $0) }
        tokens.append(String(scalars[..<(end ?? scalars.startIndex)]))
      } else {
        tokens.append(text)
      }
    }
    try self.init(tokens, file: path.string)
  }

  /// Writes `vocab.txt`.
  ///
  /// - Throws: `file.unwritable`.
  public func writeVocabulary(to path: FilePath) throws {
    try write(tokens.map { $0 + "\n" }.joined().utf8, to: path)
  }
}
