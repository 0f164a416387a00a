import Tensors

/// A loss on a model's outputs. All are means over the examples of the whole batch.
public enum OutputTerm: Sendable, Hashable, Codable {
  /// Cross-entropy with the labels, over the labelled examples.
  case hard(weight: Double)
  /// What the teacher's softened outputs say.
  case soft(SoftTerm)
  /// Mean over examples and classes of the squared difference of logits; the teacher's and the student's are divided by
  /// `temperature` first (1: raw logits).
  case logitMSE(weight: Double, temperature: Double = 1)
  /// Mean squared error of the single output against the number to predict.
  case regression(weight: Double)
  /// Binary cross-entropy of the single output against the relevance, 0 or 1; a relevant one counts `positiveWeight` times.
  case relevance(weight: Double, positiveWeight: Double = 1)

  public var weight: Double {
    switch self {
    case .hard(let weight), .logitMSE(let weight, _), .regression(let weight), .relevance(let weight, _): weight
    case .soft(let term): term.weight
    }
  }

  /// Whether it needs the teacher's outputs.
  public var needsTeacher: Bool {
    switch self {
    case .soft, .logitMSE: weight != 0
    case .hard, .regression, .relevance: false
    }
  }
}

/// A comparison of softmax(student / T) with softmax(teacher / T), and its conventions.
public struct SoftTerm: Sendable, Hashable, Codable {
  public enum Divergence: String, Sendable, Codable {
    /// −Σ pT · log pS (TextBrewer, TinyBERT).
    case softCrossEntropy
    /// KL(teacher ‖ student).
    case forwardKL
    /// KL(student ‖ teacher).
    case reverseKL
  }

  /// What the sum over examples and classes is divided by.
  public enum Reduction: String, Sendable, Codable {
    /// The number of examples: the mathematical divergence.
    case batchMean
    /// Examples × classes (PKD, TAKD, TinyBERT's code).
    case elementMean
  }

  /// What the loss is multiplied by.
  public enum Scaling: String, Sendable, Codable {
    /// T², which keeps the gradient's size as T grows (Hinton et al. 2015).
    case squared
    case none
  }

  public var weight: Double
  public var temperature: Double
  public var divergence: Divergence
  public var scaling: Scaling
  public var reduction: Reduction
  /// How each example's temperature differs from `temperature`.
  public var dynamics: TemperatureDynamics
  /// Exchange the teacher's largest logit with the label's where they differ (TextBrewer's probability shift).
  public var correctsTeacher: Bool
  public var schedule: WeightSchedule

  public init(
    weight: Double, temperature: Double, divergence: Divergence = .forwardKL, scaling: Scaling = .squared,
    reduction: Reduction = .batchMean, dynamics: TemperatureDynamics = .fixed, correctsTeacher: Bool = false,
    schedule: WeightSchedule = .constant
  ) {
    self.weight = weight
    self.temperature = temperature
    self.divergence = divergence
    self.scaling = scaling
    self.reduction = reduction
    self.dynamics = dynamics
    self.correctsTeacher = correctsTeacher
    self.schedule = schedule
  }
}
