/// Cuts words into the longest known pieces from the left; all but the first carry a prefix such as `##`.
///
/// Wu et al. 2016, "Google's Neural Machine Translation System", §4.1; greedy matching as in google-research/bert,
/// `tokenization.py`, `WordpieceTokenizer`.
public struct WordPiece: Sendable {
  public let table: TokenTable
  /// The number of the token that stands for a word without pieces.
  public let unknown: Int32
  /// Words of more Unicode scalars are unknown.
  public let longestWord: Int
  /// What continuing pieces start with in the table.
  public let prefix: String
  private let continuing: UInt32?

  public init(table: TokenTable, unknown: Int32, longestWord: Int = 100, prefix: String = "##") {
    (self.table, self.unknown, self.longestWord, self.prefix) = (table, unknown, longestWord, prefix)
    continuing = table.trie.node(of: prefix.utf8)
  }

  /// The trie's memory, entered once for many words.
  struct Matcher {
    let slots: UnsafeBufferPointer<UInt64>
    let values: UnsafeBufferPointer<Int32>
    let continuing: UInt32?
    let unknown: Int32
    let longestWord: Int

    /// Appends the pieces of a word, or the unknown token.
    ///
    /// - Parameter ends: Gets the number of bytes before each piece's end.
    @inline(__always)
    func match(_ word: UnsafeBufferPointer<UInt8>, into ids: inout [Int32], ends: inout [Int], wantsEnds: Bool) {
      let (mark, endMark) = (ids.count, ends.count)
      if word.count > longestWord, isTooLong(word) {
        ids.append(unknown)
        if wantsEnds { ends.append(word.count) }
        return
      }
      var start = 0
      while start < word.count {
        var node: UInt32 = 0
        if start > 0 {
          guard let continuing else { break }
          node = continuing
        }
        var best: Int32 = -1
        var end = start
        var position = start
        while position < word.count {
          node = ByteTrie.child(of: node, word[position], in: slots)
          if node == 0 { break }
          position += 1
          if values[Int(node)] >= 0 { (best, end) = (values[Int(node)], position) }
        }
        if best < 0 { break }
        ids.append(best)
        if wantsEnds { ends.append(end) }
        start = end
      }
      if start < word.count {
        ids.removeSubrange(mark...)
        ids.append(unknown)
        if wantsEnds {
          ends.removeSubrange(endMark...)
          ends.append(word.count)
        }
      }
    }

    private func isTooLong(_ word: UnsafeBufferPointer<UInt8>) -> Bool {
      word.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) } > longestWord
    }
  }

  func withMatcher<Result>(_ body: (Matcher) throws -> Result) rethrows -> Result {
    try table.trie.slots.withUnsafeBufferPointer { slots in
      try table.trie.values.withUnsafeBufferPointer { values in
        try body(
          Matcher(slots: slots, values: values, continuing: continuing, unknown: unknown, longestWord: longestWord))
      }
    }
  }
}
