import Artifacts
import Tensors

/// A weighted sum of losses on a model's outputs.
public struct OutputObjective: Sendable, Hashable, Codable {
  public var terms: [OutputTerm]

  public init(_ terms: [OutputTerm]) { self.terms = terms }

  /// Cross-entropy with the labels alone.
  public static let classification = OutputObjective([.hard(weight: 1)])
  /// Squared error of a single output.
  public static let regression = OutputObjective([.regression(weight: 1)])

  /// Binary cross-entropy of a single output with relevance: each candidate by itself.
  public static func relevance(positiveWeight: Double = 1) -> OutputObjective {
    OutputObjective([.relevance(weight: 1, positiveWeight: positiveWeight)])
  }

  /// (1 − alpha) · CE(labels) + alpha · T² · KL(teacher ‖ student), both means over the batch (Hinton et al. 2015).
  public static func hinton(temperature: Double = 4, alpha: Double = 0.7) -> OutputObjective {
    OutputObjective([
      .hard(weight: 1 - alpha), .soft(SoftTerm(weight: alpha, temperature: temperature)),
    ])
  }

  /// Cross-entropy with share · teacher + (1 − share) · label, both at temperature 1 (MobileBERT, Sun et al. 2020): by
  /// linearity the sum of the two cross-entropies.
  public static func mixedTarget(share: Double = 0.5) -> OutputObjective {
    OutputObjective([
      .hard(weight: 1 - share),
      .soft(SoftTerm(weight: share, temperature: 1, divergence: .softCrossEntropy, scaling: .none)),
    ])
  }

  /// The same for a model of another form of task.
  ///
  /// A softmax over one output says nothing: where there is one, the squared difference to the teacher's takes the place of a
  /// comparison of softened answers, and the loss of the form that of cross-entropy with labels.
  public func adapted(to form: TaskForm) -> OutputObjective {
    guard !form.hasLabels else { return self }
    return OutputObjective(
      terms.map { term in
        switch term {
        case .hard(let weight):
          form == .ranking ? .relevance(weight: weight) : .regression(weight: weight)
        case .soft(let soft): .logitMSE(weight: soft.weight)
        case .logitMSE, .regression, .relevance: term
        }
      })
  }

  /// Whether any term with a weight needs the teacher's outputs.
  public var needsTeacher: Bool { terms.contains { $0.needsTeacher } }

  /// Adds the losses of one shard to the graph.
  ///
  /// - Parameters:
  ///   - logits: [shard's examples, classes].
  ///   - targets: of the shard's examples.
  ///   - batch: counts of the whole batch, which are the denominators, so that shards add up.
  ///   - step, steps: of the phase, for weights that change.
  public func add(
    on logits: Tensor<Float>, targets: OutputTargets, batch: BatchCounts, step: Int = 0, of steps: Int = 1,
    in graph: Graph<Float>
  ) throws {
    for term in terms where term.weight != 0 {
      switch term {
      case .hard(let weight):
        guard batch.labelled > 0 else { continue }
        try graph.crossEntropy(logits, labels: targets.labels, scale: weight / Double(batch.labelled))
      case .soft(let soft):
        let factor = soft.schedule.factor(step: step, of: steps)
        if factor != 0 { try add(soft, times: factor, on: logits, targets: targets, batch: batch, in: graph) }
      case .logitMSE(let weight, let temperature):
        let teacher = try targets.teacherTensor(like: logits, in: graph)
        let count = Double(batch.examples) * Double(logits.columns)
        try graph.squaredError(logits, target: teacher, scale: weight / (count * temperature * temperature))
      case .regression(let weight):
        let values = try graph.constant(targets.values, rows: logits.rows, columns: 1)
        try graph.squaredError(logits, target: values, scale: weight / Double(batch.examples))
      case .relevance(let weight, let positiveWeight):
        try graph.binaryCrossEntropy(
          logits, targets: targets.values, positiveWeight: positiveWeight, scale: weight / Double(batch.examples))
      }
    }
  }

  private func add(
    _ soft: SoftTerm, times schedule: Double, on logits: Tensor<Float>, targets: OutputTargets, batch: BatchCounts,
    in graph: Graph<Float>
  ) throws {
    var targets = targets
    if soft.correctsTeacher { targets.correctTeacher(classes: logits.columns) }
    let teacher = try targets.teacherTensor(like: logits, in: graph)
    let width = soft.reduction == .elementMean ? Double(logits.columns) : 1
    let scale = schedule * soft.weight / (Double(batch.examples) * width)
    func factor(_ temperature: Double) -> Double { soft.scaling == .squared ? temperature * temperature : 1 }
    guard soft.dynamics != .fixed else {
      try graph.divergence(
        soft.divergence.kind, logits, teacher: teacher, temperature: soft.temperature,
        scale: scale * factor(soft.temperature))
      return
    }
    // The temperatures look at the whole batch, so it must not have been cut.
    guard logits.rows == batch.examples else {
      throw RetortError(
        "objective.coupled", "A dynamic temperature couples the examples of a batch, which is cut into shards.",
        remedy: "Use one shard.", at: Place(field: "shards"))
    }
    let temperatures = soft.dynamics.temperatures(
      student: logits.values, teacher: teacher.values, classes: logits.columns, base: soft.temperature)
    try graph.divergence(
      soft.divergence.kind, logits, teacher: teacher, temperatures: temperatures,
      factors: temperatures.map(factor), scale: scale)
  }
}

extension SoftTerm.Divergence {
  var kind: Graph<Float>.Divergence {
    switch self {
    case .softCrossEntropy: .softCrossEntropy
    case .forwardKL: .forwardKL
    case .reverseKL: .reverseKL
    }
  }
}
