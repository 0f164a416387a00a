/// Where a training run stands, beside its buffers.
public struct TrainerState: Sendable, Hashable, Codable {
  /// Steps done over all epochs: the cursor of the data and of the random numbers.
  public var step = 0
  /// Sum over this epoch's steps of loss × examples.
  public var lossSum = 0.0
  /// Examples that `lossSum` is over.
  public var lossExamples = 0
  /// The finished epochs, in order.
  public var epochs: [EpochRecord] = []
  /// The epoch whose weights are kept as the best ones, from 0.
  public var bestEpoch: Int?

  public init() {}
}

/// What became of one epoch.
public struct EpochRecord: Sendable, Hashable, Codable {
  /// Mean training loss over its examples.
  public var loss: Double
  /// What the selection gave; nil where there is none.
  public var score: Double?
}

/// How far a run is, after a step.
public struct TrainingProgress: Sendable, Hashable {
  /// Steps done, and all of them.
  public var step: Int
  public var steps: Int
  /// Examples seen so far over all epochs, and all of them.
  public var examples: Int
  public var totalExamples: Int
  /// From 1.
  public var epoch: Int
  public var epochs: Int
  /// The mean loss of this epoch so far; of the whole epoch after its last step.
  public var loss: Double
  /// The score of the last finished epoch.
  public var score: Double?
}
