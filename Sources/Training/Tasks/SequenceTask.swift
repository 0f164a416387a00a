import Models
import Tensors

/// Trains a model's outputs for whole texts: classification, regression, and distillation of either.
public struct SequenceTask: TrainingTask {
  public let bert: Bert
  public let texts: EncodedTexts
  /// A class a text; −100 where there is none.
  public let labels: [Int32]
  /// A number a text; empty unless the objective asks for it.
  public let values: [Float]
  /// The frozen teacher's logits, computed once: [texts, outputs]; empty without a teacher.
  public let teacher: [Float]
  public let objective: OutputObjective

  /// Joins texts with what they should be answered with.
  public init(
    _ bert: Bert, texts: EncodedTexts, labels: [Int32] = [], values: [Float] = [], teacher: [Float] = [],
    objective: OutputObjective
  ) {
    self.bert = bert
    self.texts = texts
    self.labels = labels.isEmpty ? [Int32](repeating: -100, count: texts.count) : labels
    self.values = values
    self.teacher = teacher
    self.objective = objective
  }

  public var layout: ParameterLayout { bert.layout }
  public var exampleCount: Int { texts.count }

  public struct Shard: Sendable {
    var batch: PackedBatch
    var targets: OutputTargets
    var counts: BatchCounts
  }

  public func shards(of batch: Batch, count: Int) throws -> [Shard] {
    let packed = try texts.packed(batch.examples)
    let counts = BatchCounts(
      examples: batch.examples.count, labelled: batch.examples.count { labels[$0] != -100 })
    let width = bert.head.outputs
    return packed.shards(count).map { part in
      let members = batch.examples[part.examples]
      let targets = OutputTargets(
        labels: members.map { labels[$0] }, values: values.isEmpty ? [] : members.map { values[$0] },
        teacher: teacher.isEmpty ? [] : members.flatMap { teacher[$0 * width..<($0 + 1) * width] })
      return Shard(batch: part, targets: targets, counts: counts)
    }
  }

  public func addLosses(of shard: Shard, with model: ParameterBinding<Float>, in graph: Graph<Float>) throws {
    guard shard.batch.sequenceCount > 0 else { return }
    let states = try bert.encode(shard.batch, with: model, in: graph)
    let logits = try bert.logits(states, of: shard.batch, with: model, in: graph)
    try objective.add(on: logits, targets: shard.targets, batch: shard.counts, in: graph)
  }
}
