import Models

/// The lengths of a whole batch, which are the denominators of its shards' losses.
public struct BatchLengths: Sendable, Hashable {
  public var texts: Int
  public var tokens: Int
  public var longest: Int
  /// Σ length².
  public var squares: Int

  public init(_ batch: PackedBatch) {
    let lengths = zip(batch.offsets.dropFirst(), batch.offsets).map { Int($0 - $1) }
    texts = lengths.count
    tokens = batch.tokenCount
    longest = lengths.max() ?? 0
    squares = lengths.reduce(0) { $0 + $1 * $1 }
  }

  /// What each row of a text of this length counts in a mean over rows.
  func rowWeight(_ mean: MatchMean, length: Int) -> Double {
    switch mean {
    case .tokens: 1 / Double(max(1, tokens))
    case .padded: 1 / Double(max(1, texts * longest))
    case .texts: 1 / Double(max(1, texts * length))
    }
  }

  /// What each pair of tokens of a text of this length counts in a mean over pairs.
  func pairWeight(_ mean: MatchMean, length: Int) -> Double {
    switch mean {
    case .tokens: 1 / Double(max(1, squares))
    case .padded: 1 / Double(max(1, texts * longest * longest))
    case .texts: 1 / Double(max(1, texts * length * length))
    }
  }
}
