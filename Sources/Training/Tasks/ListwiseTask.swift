import Artifacts
import Models
import Tensors

/// Trains a ranker on whole queries: a softmax over a query's candidates against its relevant ones, evenly (ListNet's
/// top-one cross-entropy, Cao et al. 2007), mean over the queries of the whole batch.
///
/// Queries whose candidates are all alike teach nothing and are left out. An example is a query.
public struct ListwiseTask: TrainingTask {
  public let bert: Bert
  private let texts: EncodedTexts
  private let values: [Float]
  /// The candidates of each query: relevant ones, others.
  private let queries: [(relevant: [Int], others: [Int])]
  private let candidates: Int
  private let seed: UInt64

  /// - Parameters:
  ///   - candidates: the most of a query in a batch: its relevant ones, and others drawn anew each epoch.
  ///   - seed: draws them.
  /// - Throws: `training.no-choice` where no query has both relevant and other candidates.
  public init(_ bert: Bert, examples: TaskExamples, candidates: Int, seed: UInt64) throws {
    (self.bert, texts, values) = (bert, examples.texts, examples.values)
    (self.candidates, self.seed) = (max(2, candidates), seed)
    let values = examples.values
    queries = TaskPredictions.groups(of: examples.queries).map { group in
      (group.filter { values[$0] > 0 }, group.filter { values[$0] <= 0 })
    }.filter { !$0.relevant.isEmpty && !$0.others.isEmpty }
    guard !queries.isEmpty else {
      throw RetortError(
        "training.no-choice", "No query has both relevant and other candidates, so there is nothing to choose between.",
        remedy: "Give candidates of both sorts, or use the pointwise loss.", at: Place(field: "train"))
    }
  }

  public var layout: ParameterLayout { bert.layout }
  public var exampleCount: Int { queries.count }
  public var lookupTable: String? { bert.wordTable }
  public func lookedUpRows(of shard: Shard) -> [Int32] { shard.batch.ids }

  public struct Shard: Sendable {
    var batch: PackedBatch
    /// What each query's softmax should be.
    var targets: [Float]
    /// Query q has the rows `offsets[q] ..< offsets[q + 1]`.
    var offsets: [Int]
    /// Queries of the whole batch.
    var queries: Int
  }

  public func shards(of batch: Batch, count: Int) throws -> [Shard] {
    let chosen = batch.examples.map { members(of: $0, epoch: batch.epoch) }
    let sizes = chosen.map { $0.reduce(0) { $0 + texts.ids[$1].count } }
    // Whole queries, the longest first, each to the shard with the fewest tokens.
    var totals = [Int](repeating: 0, count: max(1, count))
    var parts = [[Int]](repeating: [], count: max(1, count))
    for place in chosen.indices.sorted(by: { (-sizes[$0], $0) < (-sizes[$1], $1) }) {
      let least = totals.indices.min { (totals[$0], $0) < (totals[$1], $1) } ?? 0
      totals[least] += sizes[place]
      parts[least].append(place)
    }
    let order = parts.map { $0.sorted() }
    let whole = try texts.packed(order.flatMap { $0.flatMap { chosen[$0] } })
    var start = 0
    return order.map { part in
      var shard = Shard(batch: PackedBatch(), targets: [], offsets: [0], queries: batch.examples.count)
      for place in part {
        let relevant = chosen[place].count { values[$0] > 0 }
        shard.targets += chosen[place].map { values[$0] > 0 ? 1 / Float(relevant) : 0 }
        shard.offsets.append(shard.targets.count)
      }
      shard.batch = whole.slice(start..<start + shard.targets.count)
      start += shard.targets.count
      return shard
    }
  }

  /// A query's candidates in an epoch, in the order of the data.
  private func members(of query: Int, epoch: Int) -> [Int] {
    let (relevant, others) = queries[query]
    let room = max(1, candidates - relevant.count)
    guard relevant.count + others.count > candidates else { return (relevant + others).sorted() }
    var random = RandomStream(
      seed: seed ^ (UInt64(query) &* 0x9E37_79B9_7F4A_7C15), purpose: .sampling, step: epoch)
    let drawn = random.permutation(others.count).prefix(room).map { others[$0] }
    return (relevant.prefix(max(1, candidates - 1)) + drawn).sorted()
  }

  public func addLosses(of shard: Shard, with model: ParameterBinding<Float>, in graph: Graph<Float>) throws {
    guard shard.batch.sequenceCount > 0 else { return }
    let states = try bert.encode(
      shard.batch, with: model, in: graph, output: OutputTokens(readBy: bert.head, of: shard.batch))
    let logits = try bert.logits(states, of: shard.batch, with: model, in: graph)
    try graph.groupedCrossEntropy(
      logits, targets: shard.targets, offsets: shard.offsets, scale: 1 / Double(shard.queries))
  }
}

extension RandomStream.Purpose {
  /// Choosing a query's candidates.
  static let sampling = RandomStream.Purpose(rawValue: 8)
}
