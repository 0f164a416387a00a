/// Adam with decoupled weight decay (Loshchilov and Hutter 2019): PyTorch's order of operations and defaults, but for
/// the rate and the decay, which are BERT's.
///
/// Biases and layer norms do not decay, unless `decaysAll` says so.
public struct AdamW: Sendable, Hashable, Codable {
  /// The highest rate, which the schedule scales.
  public var learningRate: Double
  public var beta1: Double
  public var beta2: Double
  public var epsilon: Double
  public var weightDecay: Double
  /// Whether biases and layer norms decay too, as with `torch.optim.AdamW(model.parameters())`.
  public var decaysAll: Bool

  public init(
    learningRate: Double = 5e-5, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    weightDecay: Double = 0.01, decaysAll: Bool = false
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.decaysAll = decaysAll
  }

  /// What is wrong with the values: a field and a sentence each.
  public var faults: [(field: String, message: String)] {
    var faults: [(String, String)] = []
    if !(learningRate > 0 && learningRate.isFinite) {
      faults.append(("learningRate", "The learning rate is \(learningRate), not above 0."))
    }
    for (field, value) in [("beta1", beta1), ("beta2", beta2)] where !(value >= 0 && value < 1) {
      faults.append((field, "It is \(value), not at least 0 and below 1."))
    }
    if !(epsilon > 0 && epsilon.isFinite) { faults.append(("epsilon", "It is \(epsilon), not above 0.")) }
    if !(weightDecay >= 0 && weightDecay.isFinite) {
      faults.append(("weightDecay", "The weight decay is \(weightDecay), not at least 0."))
    }
    return faults
  }
}
