/// What became of the tensors of a checkpoint, exactly: each name stands in one list.
public struct LoadingReport: Sendable, Equatable {
  /// Parameters (by their names in the layout) that were read.
  public var loaded: [String] = []
  /// Parameters that the file has not, or has in a shape of another head; they were drawn afresh.
  public var new: [String] = []
  /// Tensors (by their names in the file) that the model has no use for.
  public var unused: [String] = []
  /// Tensors that hold nothing of their own: position numbers, tied copies.
  public var ignored: [String] = []

  public init() {}
}
