import Tensors

/// Which examples make up each step of a training run: a permutation an epoch, cut into batches.
///
/// The order is a function of (seed, epoch) alone, so a run can go on at any step.
public struct BatchOrder: Sendable, Hashable {
  public var examples: Int
  public var batchSize: Int
  public var seed: UInt64

  public init(examples: Int, batchSize: Int, seed: UInt64) {
    self.examples = examples
    self.batchSize = max(1, batchSize)
    self.seed = seed
  }

  /// The last batch of an epoch may be smaller.
  public var stepsPerEpoch: Int { (examples + batchSize - 1) / batchSize }

  /// The order of one epoch (Fisher and Yates over Philox).
  public func permutation(epoch: Int) -> [Int] {
    var random = RandomStream(seed: seed, purpose: .shuffling, step: epoch)
    return random.permutation(examples)
  }

  /// The part of an epoch's permutation that a step takes.
  public func range(ofStep stepInEpoch: Int) -> Range<Int> {
    let start = min(stepInEpoch * batchSize, examples)
    return start..<min(start + batchSize, examples)
  }
}

/// The examples of one step.
public struct Batch: Sendable, Hashable {
  /// Positions in the data set.
  public var examples: [Int]
  /// From 0.
  public var epoch: Int
  /// Steps done before this one, over all epochs.
  public var step: Int
  /// Steps of the whole run.
  public var steps: Int

  public init(examples: [Int], epoch: Int, step: Int, of steps: Int = 1) {
    self.examples = examples
    self.epoch = epoch
    self.step = step
    self.steps = steps
  }
}
