import Artifacts
import Models

/// How often each token of a vocabulary occurs in texts, and which tokens are kept for it (TextPruner, Yang et al. 2022).
public struct VocabularyUsage: Sendable {
  /// Occurrences of each token, by number.
  public private(set) var counts: [Int]
  private let tokenizer: BertTokenizer

  public init(_ tokenizer: BertTokenizer) {
    self.tokenizer = tokenizer
    counts = [Int](repeating: 0, count: tokenizer.vocabularySize)
  }

  /// Tokens counted so far.
  public var total: Int { counts.reduce(0, +) }

  /// Counts the tokens of a text, whole, without special tokens around it.
  public mutating func add(_ text: String) { for id in tokenizer.ids(of: text) { counts[Int(id)] += 1 } }

  /// Special tokens, those that occur often enough, and those of the given words, ascending.
  ///
  /// - Parameters:
  ///   - words: tokens by name (`##ing`), or texts whose tokens are all kept.
  /// - Throws: `prune.word` for a text that the vocabulary cannot write.
  public func kept(minimumCount: Int, also words: [String] = []) throws -> [Int32] {
    var kept = tokenizer.specialIDs
    for (id, count) in counts.enumerated() where count >= max(1, minimumCount) { kept.insert(Int32(id)) }
    for word in words {
      if let id = tokenizer.id(of: word) {
        kept.insert(id)
        continue
      }
      let ids = tokenizer.ids(of: word)
      guard !ids.isEmpty, !ids.contains(tokenizer.pieces.unknown) else {
        throw RetortError(
          "prune.word", "The vocabulary has no tokens for “\(word)”, which should be kept.",
          remedy: "Leave it out, or keep one of the vocabulary's tokens.", at: Place(field: "also"))
      }
      kept.formUnion(ids)
    }
    return kept.sorted()
  }

  /// The share of the counted tokens that are among the kept ones; 1 where nothing was counted.
  public func coverage(of kept: [Int32]) -> Double {
    total == 0 ? 1 : Double(kept.reduce(0) { $0 + counts[Int($1)] }) / Double(total)
  }
}
