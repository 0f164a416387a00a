/// What is active when: a row a phase, for `plan --verbose` and for tests of presets.
public struct PhaseLedger: Sendable, Hashable {
  public struct Row: Sendable, Hashable {
    public var phase: String
    /// Steps over all phases.
    public var steps: Range<Int>
    /// Names of the losses whose weight is not 0 at the phase's first or last step.
    public var losses: [String]
    /// Multipliers of the learning rate, by prefix; parameters without one have 1.
    public var rates: [LayerGroup]
  }

  public var rows: [Row] = []

  /// - Parameter examples: of the training set.
  public init(_ phases: [DistillationPhase], examples: Int) {
    var start = 0
    for phase in phases {
      let perEpoch = (examples + phase.training.batchSize - 1) / max(1, phase.training.batchSize)
      let count = perEpoch * phase.training.epochs
      rows.append(
        Row(
          phase: phase.name, steps: start..<start + count, losses: phase.losses(steps: count),
          rates: phase.training.groups))
      start += count
    }
  }
}

extension DistillationPhase {
  fileprivate func losses(steps: Int) -> [String] {
    func isActive(_ weight: Double, _ schedule: WeightSchedule) -> Bool {
      weight != 0
        && [0, steps / 2, max(0, steps - 1)].contains { schedule.factor(step: $0, of: steps) != 0 }
    }
    let outputs = objective.terms.compactMap { term -> String? in
      switch term {
      case .hard(let weight): weight == 0 ? nil : "labels"
      case .soft(let soft): isActive(soft.weight, soft.schedule) ? "answers" : nil
      case .logitMSE(let weight, _): weight == 0 ? nil : "logits"
      case .regression(let weight): weight == 0 ? nil : "values"
      case .relevance(let weight, _): weight == 0 ? nil : "relevance"
      }
    }
    return outputs + matches.filter { isActive($0.weight, $0.schedule) }.map(\.feature.rawValue)
  }
}
