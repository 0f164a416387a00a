import Models
import Tensors

/// The texts that units are scored on.
public struct ScoringExamples: Sendable {
  public var texts: EncodedTexts
  /// A class a row of outputs: a text, or a token of tagged words; −100 where there is none.
  public var labels: [Int32]
  /// A number a text, for objectives that ask for it.
  public var values: [Float]
  /// What is right by the labels or values.
  public var objective: OutputObjective

  public init(
    texts: EncodedTexts, labels: [Int32], values: [Float] = [], objective: OutputObjective = .classification
  ) {
    (self.texts, self.labels, self.values, self.objective) = (texts, labels, values, objective)
  }

  /// At most `limit` examples: all in their order, or else a random sample that follows from the seed.
  public init(
    texts: EncodedTexts, labels: [Int32], values: [Float] = [], objective: OutputObjective = .classification,
    limit: Int?, seed: UInt64
  ) {
    self.init(texts: texts, labels: labels, values: values, objective: objective)
    guard let limit, limit < texts.count else { return }
    var random = RandomStream(seed: seed, purpose: .generation)
    let chosen = random.permutation(texts.count).prefix(max(0, limit))
    self.texts = EncodedTexts(
      ids: chosen.map { texts.ids[$0] }, types: texts.types.map { types in chosen.map { types[$0] } })
    let rows = OutputRows(of: texts, areTokens: labels.count != texts.count)
    self.labels = labels.isEmpty ? [] : chosen.flatMap { labels[rows[$0]] }
    self.values = values.isEmpty ? [] : chosen.map { values[$0] }
  }
}
