import Models
import Tensors

/// Trains a model on texts: classification, regression, tagging, ranking candidate by candidate, and distillation of a
/// teacher's outputs and inner states.
///
/// What is answered are the model's rows of outputs: texts, or the tokens of a tagger.
public struct SequenceTask: TrainingTask {
  public let bert: Bert
  public let texts: EncodedTexts
  /// A class a row; −100 where there is none.
  public let labels: [Int32]
  /// A number a row; empty unless the objective asks for it.
  public let values: [Float]
  /// The frozen teacher's logits, computed once: [rows, outputs]; empty without a teacher.
  public let teacher: [Float]
  /// What the model's outputs should be; without terms there are none.
  public let objective: OutputObjective
  /// The teacher's inner states to compare with; nil where only outputs count.
  public let matching: Matching?
  private let rows: OutputRows

  /// Joins texts with what they should be answered with.
  public init(
    _ bert: Bert, texts: EncodedTexts, labels: [Int32] = [], values: [Float] = [], teacher: [Float] = [],
    objective: OutputObjective, matching: Matching? = nil
  ) {
    self.bert = bert
    self.texts = texts
    rows = OutputRows(of: texts, for: bert.head)
    self.labels = labels.isEmpty ? [Int32](repeating: -100, count: rows.count) : labels
    self.values = values
    self.teacher = teacher
    self.objective = objective
    self.matching = matching
  }

  public var layout: ParameterLayout { matching?.layout ?? bert.layout }
  public var exampleCount: Int { texts.count }
  public var lookupTable: String? { bert.wordTable }
  public func lookedUpRows(of shard: Shard) -> [Int32] { shard.batch.ids }

  public struct Shard: Sendable {
    var batch: PackedBatch
    var targets: OutputTargets
    var counts: BatchCounts
    var lengths: BatchLengths
    var step: Int
    var steps: Int
  }

  public func shards(of batch: Batch, count: Int) throws -> [Shard] {
    var batch = batch
    batch.examples = texts.balanced(batch.examples, over: count)
    let packed = try texts.packed(batch.examples)
    let places = batch.examples.map { rows[$0] }
    let counts = BatchCounts(
      examples: places.reduce(0) { $0 + $1.count },
      labelled: places.reduce(0) { $0 + labels[$1].count { $0 != -100 } })
    let width = bert.head.outputs
    let lengths = BatchLengths(packed)
    return packed.shards(count).map { part in
      let members = places[part.examples]
      let targets = OutputTargets(
        labels: members.flatMap { labels[$0] }, values: values.isEmpty ? [] : members.flatMap { values[$0] },
        teacher: teacher.isEmpty
          ? [] : members.flatMap { teacher[$0.lowerBound * width..<$0.upperBound * width] })
      return Shard(
        batch: part, targets: targets, counts: counts, lengths: lengths, step: batch.step, steps: batch.steps)
    }
  }

  public func addLosses(of shard: Shard, with model: ParameterBinding<Float>, in graph: Graph<Float>) throws {
    guard shard.batch.sequenceCount > 0 else { return }
    let states = try bert.encode(
      shard.batch, with: model, in: graph, exposesScores: matching?.needsScores ?? false,
      output: matching == nil ? OutputTokens(readBy: bert.head, of: shard.batch) : .all)
    if !objective.terms.isEmpty {
      let logits = try bert.logits(states, of: shard.batch, with: model, in: graph)
      try objective.add(
        on: logits, targets: shard.targets, batch: shard.counts, step: shard.step, of: shard.steps, in: graph)
    }
    try matching?.add(
      states, on: shard.batch, lengths: shard.lengths, step: shard.step, of: shard.steps, with: model, in: graph)
  }
}
