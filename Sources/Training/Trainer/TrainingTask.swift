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
  /// A table of the layout that nothing but look-ups uses, so that a batch touches few of its rows; nil for none.
  var lookupTable: String? { get }

  /// Cuts a batch into `count` shards, of which some may be empty.
  func shards(of batch: Batch, count: Int) throws -> [Shard]

  /// The rows of `lookupTable` that a shard reads; they may repeat.
  func lookedUpRows(of shard: Shard) -> [Int32]

  /// Computes a shard's outputs and adds its losses to the graph. Called from several threads at once.
  func addLosses(of shard: Shard, with model: ParameterBinding<Float>, in graph: Graph<Float>) throws
}

extension TrainingTask {
  public var lookupTable: String? { nil }
  public func lookedUpRows(of shard: Shard) -> [Int32] { [] }
}
