import Models
import Tensors

/// The texts that units are scored on.
public struct ScoringExamples: Sendable {
  public var texts: EncodedTexts
  /// A class a text; −100 where there is none.
  public var labels: [Int32]

  public init(texts: EncodedTexts, labels: [Int32]) { (self.texts, self.labels) = (texts, labels) }

  /// At most `limit` examples: all in their order, or else a random sample that follows from the seed.
  public init(texts: EncodedTexts, labels: [Int32], limit: Int?, seed: UInt64) {
    self.init(texts: texts, labels: labels)
    guard let limit, limit < texts.count else { return }
    var random = RandomStream(seed: seed, purpose: .generation)
    let chosen = random.permutation(texts.count).prefix(max(0, limit))
    self.texts = EncodedTexts(
      ids: chosen.map { texts.ids[$0] }, types: texts.types.map { types in chosen.map { types[$0] } })
    self.labels = chosen.map { labels[$0] }
  }
}
