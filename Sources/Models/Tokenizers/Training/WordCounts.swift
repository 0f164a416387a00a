/// How often each word of a text occurs, words being what `BertWords` cuts.
///
/// Words are kept as bytes: Swift's strings would merge words that differ only in composition, which pieces do not.
public struct WordCounts: Sendable {
  public let words: BertWords
  public private(set) var counts: [[UInt8]: Int] = [:]

  public init(words: BertWords = .init()) { self.words = words }

  /// Adds the words of a text.
  public mutating func add(_ text: String) {
    var text = text
    var scratch = BertWords.Scratch()
    let words = words
    text.withUTF8 { bytes in
      words.forEachWord(in: bytes, scratch: &scratch) { counts[Array($0.bytes), default: 0] += 1 }
    }
  }

  /// Adds another text's counts, as when files are counted side by side.
  public mutating func merge(_ other: WordCounts) {
    counts.merge(other.counts, uniquingKeysWith: +)
  }
}
