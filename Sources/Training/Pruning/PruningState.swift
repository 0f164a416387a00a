import Models

/// Where pruning stands: everything that the rest depends on and that could not be computed again.
public struct PruningState: Sendable, Hashable, Codable {
  /// Cuts done.
  public var step = 0
  /// Batches of the running scoring pass that are in `scores`.
  public var batches = 0
  public var scores: UnitScores
  public var kept: KeptUnits
}

/// How far pruning is.
public struct PruningProgress: Sendable, Hashable {
  /// Cuts done, and all of them.
  public var step: Int
  public var steps: Int
  /// Examples scored so far over all passes, and all of them.
  public var examples: Int
  public var totalExamples: Int
  /// What is left after the last cut.
  public var heads: Int
  public var neurons: Int
}
