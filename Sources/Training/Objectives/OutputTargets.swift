import Tensors

/// What the examples of a shard should be answered with: the tokens of a tagger, the texts of any other. Parts that no term
/// asks for may be empty.
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

  /// Exchanges the teacher's largest logit with the label's, where there is a label: idempotent.
  mutating func correctTeacher(classes: Int) {
    for (row, label) in labels.enumerated() where label != -100 && (row + 1) * classes <= teacher.count {
      let start = row * classes
      var top = start
      for place in start..<start + classes where teacher[place] > teacher[top] { top = place }
      teacher.swapAt(top, start + Int(label))
    }
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
