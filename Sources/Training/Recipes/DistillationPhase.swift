/// One phase of a distillation: what is compared, and how the student is trained meanwhile.
///
/// A recipe is a list of phases; each starts from the student that the one before it left, with a fresh optimiser.
public struct DistillationPhase: Sendable, Hashable, Codable {
  /// For people: progress, logs, `plan --verbose`.
  public var name: String
  /// Losses on outputs; none in a phase that compares inner states alone.
  public var objective: OutputObjective
  /// Losses on inner states.
  public var matches: [Match]
  /// The projections that `matches` refer to.
  public var projections: [Projection]
  public var training: TrainingOptions
  /// Keep the epoch that is best on the dev part; else the last.
  public var keepsBest: Bool

  public init(
    _ name: String, objective: OutputObjective = OutputObjective([]), matches: [Match] = [],
    projections: [Projection] = [], training: TrainingOptions, keepsBest: Bool = true
  ) {
    self.name = name
    self.objective = objective
    self.matches = matches
    self.projections = projections
    self.training = training
    self.keepsBest = keepsBest
  }

  /// What is wrong with the values: a field and a sentence each.
  public var faults: [(field: String, message: String)] {
    var faults = training.faults
    if objective.terms.allSatisfy({ $0.weight == 0 }), matches.allSatisfy({ $0.weight == 0 }) {
      faults.append(("phases", "The phase “\(name)” has no loss."))
    }
    if let alpha = objective.teacherShare, !(0...1).contains(alpha) {
      faults.append(("alpha", "The teacher's share is \(alpha), not in 0 … 1."))
    }
    for term in objective.terms {
      if objective.teacherShare == nil, !(term.weight >= 0 && term.weight.isFinite) {
        faults.append(("weight", "A loss of the phase “\(name)” has the weight \(term.weight), not at least 0."))
      }
      guard case .soft(let soft) = term else { continue }
      if !(soft.temperature > 0 && soft.temperature.isFinite) {
        faults.append(("temperature", "The temperature is \(soft.temperature), not above 0."))
      }
      if soft.dynamics != .fixed, training.shards != 1 {
        faults.append(
          ("shards", "A dynamic temperature looks at the whole batch, which is cut into \(training.shards) shards."))
      }
    }
    for match in matches where !(match.weight >= 0 && match.weight.isFinite) {
      faults.append(("weight", "A match of the phase “\(name)” has the weight \(match.weight), not at least 0."))
    }
    for match in matches where !match.fits {
      faults.append(("matches", "The loss “\(match.loss)” does not apply to “\(match.feature.rawValue)”."))
    }
    for case let name? in matches.map(\.projection.name) where !projections.contains(where: { $0.name == name }) {
      faults.append(("projections", "A match uses the projection “\(name)”, which the phase does not have."))
    }
    return faults
  }

  /// Whether the teacher's outputs are needed, and whether its inner states are.
  public var needsOutputs: Bool { objective.needsTeacher }
  public var needsStates: Bool { matches.contains { $0.weight != 0 } }
}

extension OutputObjective {
  /// Hinton's alpha, where the labels and the teacher's softened answers share a weight of 1.
  var teacherShare: Double? {
    guard terms.count == 2, case .hard(let labels) = terms[0], case .soft(let soft) = terms[1],
      abs(labels + soft.weight - 1) < 1e-9
    else { return nil }
    return soft.weight
  }
}

extension Match {
  /// Whether the loss is one for this kind of feature.
  var fits: Bool {
    switch loss {
    case .squared, .divergence: true
    case .headSumSquared, .headMeanDivergence: feature.isAttention
    case .cosine, .unitSquared, .standardSquared, .moments: !feature.isAttention
    case .featureGram, .tokenGram: feature == .hiddenStates
    }
  }
}
