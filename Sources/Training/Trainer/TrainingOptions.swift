/// How a model is trained, whatever its objective: part of a stage's key.
public struct TrainingOptions: Sendable, Hashable, Codable {
  /// Times that every example is seen.
  public var epochs: Int
  /// Examples a step.
  public var batchSize: Int
  /// Into how many shards a batch is cut, each computed on a thread of its own.
  ///
  /// Sums of floating-point numbers depend on the cut, so it belongs to the recipe; the number of threads does not.
  /// Two suit two cores; more shards use more cores but make the matrices smaller.
  public var shards: Int
  public var optimiser: AdamW
  public var schedule: LearningRateSchedule
  /// The gradient is scaled down to this norm where it is longer; nil for no limit.
  public var maximumGradientNorm: Double?
  /// Parameters with a learning rate of their own.
  public var groups: [LayerGroup]

  public init(
    epochs: Int = 3, batchSize: Int = 32, shards: Int = 2, optimiser: AdamW = AdamW(),
    schedule: LearningRateSchedule = LearningRateSchedule(), maximumGradientNorm: Double? = 1, groups: [LayerGroup] = []
  ) {
    self.epochs = epochs
    self.batchSize = batchSize
    self.shards = shards
    self.optimiser = optimiser
    self.schedule = schedule
    self.maximumGradientNorm = maximumGradientNorm
    self.groups = groups
  }

  /// AdamW with a linear schedule: what the stages' short forms take.
  public init(
    epochs: Int, batch: Int, learningRate: Double, warmup: Double, weightDecay: Double, shards: Int
  ) {
    self.init(
      epochs: epochs, batchSize: batch, shards: shards,
      optimiser: AdamW(learningRate: learningRate, weightDecay: weightDecay),
      schedule: LearningRateSchedule(warmup: warmup))
  }

  /// What is wrong with the values: a field and a sentence each.
  public var faults: [(field: String, message: String)] {
    var faults: [(field: String, message: String)] = []
    if epochs < 1 { faults.append(("epochs", "There are \(epochs) epochs, not at least 1.")) }
    if batchSize < 1 { faults.append(("batchSize", "A batch has \(batchSize) examples, not at least 1.")) }
    if !(1...64).contains(shards) { faults.append(("shards", "A batch is cut into \(shards) shards, not 1 … 64.")) }
    if let norm = maximumGradientNorm, !(norm > 0 && norm.isFinite) {
      faults.append(("maximumGradientNorm", "The limit of the gradient's norm is \(norm), not above 0."))
    }
    for group in groups where !(group.rateFactor >= 0 && group.rateFactor.isFinite) {
      faults.append(("groups", "The rate of “\(group.prefix)” is multiplied by \(group.rateFactor), not at least 0."))
    }
    return faults + optimiser.faults + schedule.faults
  }
}
