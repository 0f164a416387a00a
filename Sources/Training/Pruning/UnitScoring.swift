import Artifacts
import Models
import Tensors

/// Runs batches forwards and backwards without dropout, and turns their gradients into scores.
///
/// A batch is computed whole by one thread, and batches are added in their order: the number of threads changes no bit.
final class UnitScoring {
  private let bert: Bert
  private let team: ThreadTeam
  private let countsIncoming: Bool
  private let graphs: [Graph<Float>]
  private let gradients: [FlatBuffer<Float>]

  init(_ bert: Bert, countsIncoming: Bool, team: ThreadTeam) throws {
    (self.bert, self.countsIncoming, self.team) = (bert, countsIncoming, team)
    graphs = try rethrowing { try (0..<team.count).map { _ in try Graph<Float>() } }
    gradients = (0..<team.count).map { _ in FlatBuffer(count: bert.layout.count) }
  }

  /// Batches that are worth handing out at once.
  var batchesAtOnce: Int { team.count }

  /// Adds the scores of some batches to a sum.
  ///
  /// - Parameters:
  ///   - batches: examples of each.
  ///   - values: the weights, those of removed units at 0.
  /// - Throws: `prune.notFinite` where a loss or a gradient is NaN or infinite.
  func add(
    _ batches: [Range<Int>], of task: some TrainingTask, values: FlatBuffer<Float>, to sum: inout UnitScores
  ) throws {
    let parts = try rethrowing {
      try team.map(batches.count) { index, worker in
        let (graph, gradients) = (graphs[worker], gradients[worker])
        graph.begin(recording: true)
        gradients.fill(0)
        let binding = ParameterBinding(bert.layout, values: values, gradients: gradients)
        let batch = Batch(examples: Array(batches[index]), epoch: 0, step: 0)
        for shard in try task.shards(of: batch, count: 1) { try task.addLosses(of: shard, with: binding, in: graph) }
        graph.backward()
        let scores = try UnitScores(of: bert, values: values, gradients: gradients, countsIncoming: countsIncoming)
        guard graph.loss.isFinite, scores.isFinite else {
          throw RetortError(
            "prune.notFinite", "The loss or its gradient is not finite for the examples \(batches[index]).",
            remedy: "The training that wrote the model diverged; train it again.", at: Place(field: "model"))
        }
        return scores
      }
    }
    for part in parts { sum.add(part) }
  }
}
