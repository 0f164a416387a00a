import Models
import Tensors

/// Trains a model to predict hidden tokens: the mean cross-entropy over the hidden positions of the whole batch.
///
/// Other positions are hidden in every epoch.
public struct MaskedLMTask: TrainingTask {
  public let bert: Bert
  public let texts: EncodedTexts
  public let masker: TokenMasker

  public init(_ bert: Bert, texts: EncodedTexts, masker: TokenMasker) {
    self.bert = bert
    self.texts = texts
    self.masker = masker
  }

  public var layout: ParameterLayout { bert.layout }
  public var exampleCount: Int { texts.count }

  public struct Shard: Sendable {
    var batch: PackedBatch
    /// Rows of the shard whose token is hidden, and the true tokens.
    var rows: [Int32]
    var labels: [Int32]
    /// Whole-batch number of the first of them.
    var firstHidden: Int
    /// Hidden tokens of the whole batch.
    var hidden: Int
  }

  public func shards(of batch: Batch, count: Int) throws -> [Shard] {
    let examples = texts.balanced(batch.examples, over: count)
    let masked = examples.map { masker.masked(texts.ids[$0], text: $0, epoch: batch.epoch) }
    let hidden = masked.reduce(0) { $0 + $1.positions.count }
    var firstHidden = 0
    return try PackedBatch(masked.map(\.ids)).shards(count).map { part in
      let members = masked[part.examples]
      let rows = zip(members, part.firstRows).flatMap { text, first in text.positions.map { first + $0 } }
      defer { firstHidden += rows.count }
      return Shard(
        batch: part, rows: rows, labels: members.flatMap(\.labels), firstHidden: firstHidden, hidden: hidden)
    }
  }

  public func addLosses(of shard: Shard, with model: ParameterBinding<Float>, in graph: Graph<Float>) throws {
    guard !shard.rows.isEmpty else { return }
    let states = try bert.encode(
      shard.batch, with: model, in: graph, output: .rows(shard.rows, first: shard.firstHidden))
    let logits = try bert.wordLogits(states, at: shard.rows, with: model, in: graph)
    try graph.crossEntropy(logits, labels: shard.labels, scale: 1 / Double(shard.hidden))
  }
}
