import Tensors

/// What a trainer trains: a model, its examples and its losses.
///
/// Everything random in it is a function of its seed and of the batch's epoch and step, so that a run can go on
/// anywhere.
public protocol TrainingTask: Sendable {
  /// A part of a batch with what its losses need, the denominators of the whole batch included.
  associatedtype Shard: Sendable

  var layout: ParameterLayout { get }
  var exampleCount: Int { get }

  /// Cuts a batch into `count` shards, of which some may be empty.
  func shards(of batch: Batch, count: Int) throws -> [Shard]

  /// Computes a shard's outputs and adds its losses to the graph. Called from several threads at once.
  func addLosses(of shard: Shard, with model: ParameterBinding<Float>, in graph: Graph<Float>) throws
}
