import Models

/// How units are scored and taken out (TextPruner, Yang et al. 2022): part of a stage's key.
public struct PruningOptions: Sendable, Hashable, Codable {
  /// How the cut is shared among blocks.
  public enum Distribution: String, Sendable, Codable {
    /// Each block loses equally much.
    case even
    /// The lowest scores of the whole model go; every block keeps at least one unit of a kind.
    case uneven
  }

  /// Whether heads and neurons go together in an iteration, or one after the other with scores of their own.
  public enum Order: String, Sendable, Codable {
    case none, headFirst, ffnFirst
  }

  /// The loss whose gradients give scores.
  public enum Loss: String, Sendable, Codable {
    /// Cross-entropy with the task's labels.
    case labels
    /// Cross-entropy of the model's softmax with that of the unpruned model: needs no labels.
    ///
    /// As long as nothing has been removed the two are equal and every gradient is 0; there the unpruned model's answers
    /// stand for labels.
    case logits
  }

  /// What of a neuron is counted.
  public enum NeuronScore: String, Sendable, Codable {
    /// The reference's convention: both sides with an even distribution, the outgoing weights alone with an uneven one.
    case reference
    /// |Σ W2 · g|.
    case outgoing
    /// |Σ W1 · g + b1 · g| + |Σ W2 · g|.
    case both
  }

  /// A fault of an option: its field, what is wrong, what helps.
  public typealias Fault = (field: String, message: String, remedy: String)

  public var targets: [PruningTarget]
  /// In how many cuts a target is reached, with new scores for each.
  public var iterations: Int
  public var distribution: Distribution
  public var order: Order
  /// Neurons stay in multiples of this.
  public var multipleOf: Int
  public var loss: Loss
  public var neuronScore: NeuronScore
  /// Examples a gradient is taken over. A score is a sum of absolute values over batches, so it depends on them.
  public var batchSize: Int

  public init(
    _ targets: [PruningTarget], iterations: Int = 4, distribution: Distribution = .even, order: Order = .none,
    multipleOf: Int = 1, loss: Loss = .labels, neuronScore: NeuronScore = .reference, batchSize: Int = 32
  ) {
    self.targets = targets
    self.iterations = iterations
    self.distribution = distribution
    self.order = order
    self.multipleOf = multipleOf
    self.loss = loss
    self.neuronScore = neuronScore
    self.batchSize = batchSize
  }

  /// Whether the incoming weights of a neuron count for its score.
  public var countsIncoming: Bool {
    switch neuronScore {
    case .reference: distribution == .even
    case .outgoing: false
    case .both: true
    }
  }

  func target(of unit: PrunableUnit) -> PruningTarget? { targets.first { $0.unit == unit } }

  /// Units of a kind are taken out in groups of this.
  func group(of unit: PrunableUnit) -> Int { unit == .neurons ? multipleOf : 1 }

  /// What a block of this shape keeps.
  public func shape(after shape: BertConfiguration.BlockShape) -> BertConfiguration.BlockShape {
    func kept(_ unit: PrunableUnit) -> Int {
      target(of: unit)?.kept(of: shape.count(of: unit), multipleOf: group(of: unit)) ?? shape.count(of: unit)
    }
    return .init(headCount: kept(.heads), intermediateSize: kept(.neurons))
  }

  /// What is wrong with the options for blocks of so many heads and neurons (nil: not known yet).
  public func faults(heads: Int?, neurons: Int?) -> [Fault] {
    var faults: [Fault] = []
    if targets.isEmpty {
      faults.append(("targets", "It is not said what to remove.", "Give .heads(removing: 0.5) or .ffn(removing: 0.5)."))
    }
    for unit in PrunableUnit.allCases where targets.count(where: { $0.unit == unit }) > 1 {
      faults.append(("targets", "There are two targets for \(unit.rawValue).", "Give one."))
    }
    if iterations < 1 {
      faults.append(("iterations", "There are \(iterations) iterations, not at least 1.", "Give 1 or more."))
    }
    if batchSize < 1 {
      faults.append(("batchSize", "A batch has \(batchSize) examples, not at least 1.", "Give 1 or more."))
    }
    if multipleOf < 1 {
      faults.append(("multipleOf", "Groups of \(multipleOf) neurons cannot be made.", "Give 1 or more."))
    } else if distribution == .uneven, target(of: .neurons) != nil, let neurons, neurons % multipleOf != 0 {
      faults.append(
        (
          "multipleOf", "A block's \(neurons) neurons cannot be cut into groups of \(multipleOf).",
          "Choose a number that divides \(neurons)."
        ))
    }
    for target in targets {
      let count = target.unit == .heads ? heads : neurons
      faults += target.faults(of: count, multipleOf: max(1, group(of: target.unit)))
    }
    return faults
  }
}
