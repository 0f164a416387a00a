import Tensors

/// A weighted sum of losses on a model's outputs.
public struct OutputObjective: Sendable, Hashable, Codable {
  public var terms: [OutputTerm]

  public init(_ terms: [OutputTerm]) { self.terms = terms }

  /// Cross-entropy with the labels alone.
  public static let classification = OutputObjective([.hard(weight: 1)])
  /// Squared error of a single output.
  public static let regression = OutputObjective([.regression(weight: 1)])

  /// (1 − alpha) · CE(labels) + alpha · T² · KL(teacher ‖ student), both means over the batch (Hinton et al. 2015).
  public static func hinton(temperature: Double = 4, alpha: Double = 0.7) -> OutputObjective {
    OutputObjective([
      .hard(weight: 1 - alpha), .soft(SoftTerm(weight: alpha, temperature: temperature)),
    ])
  }

  /// Whether any term with a weight needs the teacher's outputs.
  public var needsTeacher: Bool { terms.contains { $0.needsTeacher } }

  /// Adds the losses of one shard to the graph.
  ///
  /// - Parameters:
  ///   - logits: [shard's examples, classes].
  ///   - targets: of the shard's examples.
  ///   - batch: counts of the whole batch, which are the denominators, so that shards add up.
  public func add(
    on logits: Tensor<Float>, targets: OutputTargets, batch: BatchCounts, in graph: Graph<Float>
  ) throws {
    for term in terms where term.weight != 0 {
      switch term {
      case .hard(let weight):
        guard batch.labelled > 0 else { continue }
        try graph.crossEntropy(logits, labels: targets.labels, scale: weight / Double(batch.labelled))
      case .soft(let soft):
        let teacher = try targets.teacherTensor(like: logits, in: graph)
        let width = soft.reduction == .elementMean ? Double(logits.columns) : 1
        let factor = soft.scaling == .squared ? soft.temperature * soft.temperature : 1
        try graph.divergence(
          soft.divergence.kind, logits, teacher: teacher, temperature: soft.temperature,
          scale: soft.weight * factor / (Double(batch.examples) * width))
      case .logitMSE(let weight, let temperature):
        let teacher = try targets.teacherTensor(like: logits, in: graph)
        let count = Double(batch.examples) * Double(logits.columns)
        try graph.squaredError(logits, target: teacher, scale: weight / (count * temperature * temperature))
      case .regression(let weight):
        let values = try graph.constant(targets.values, rows: logits.rows, columns: 1)
        try graph.squaredError(logits, target: values, scale: weight / Double(batch.examples))
      }
    }
  }
}

/// What the examples of a shard should be answered with. Parts that no term asks for may be empty.
public struct OutputTargets: Sendable {
  /// A class an example; −100 is passed over.
  public var labels: [Int32]
  /// A number an example.
  public var values: [Float]
  /// The teacher's logits, [examples, classes].
  public var teacher: [Float]

  public init(labels: [Int32] = [], values: [Float] = [], teacher: [Float] = []) {
    self.labels = labels
    self.values = values
    self.teacher = teacher
  }

  func teacherTensor(like logits: Tensor<Float>, in graph: Graph<Float>) throws -> Tensor<Float> {
    try graph.constant(teacher, rows: logits.rows, columns: logits.columns)
  }
}

/// Counts over a whole batch.
public struct BatchCounts: Sendable, Hashable {
  public var examples: Int
  /// Examples whose label is not −100.
  public var labelled: Int

  public init(examples: Int, labelled: Int) {
    self.examples = examples
    self.labelled = labelled
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
