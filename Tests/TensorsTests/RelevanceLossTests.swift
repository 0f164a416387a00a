import RetortTesting
import Tensors
import Testing

/// Losses of rankers and taggers against PyTorch, and their gradients against central differences.
struct RelevanceLossTests {
  private static let offsets = [0, 3, 3, 8, 9]

  @Test func valuesAndGradientsEqualPyTorch() throws {
    let golden = try Golden("task_losses")
    let (x, relevant, share) = try (golden.floats("x"), golden.floats("relevant"), golden.floats("share"))
    let losses: [(String, [Float], Int, (Graph<Float>, Tensor<Float>) throws -> Double)] = try [
      ("binary", x, 1, { try $0.binaryCrossEntropy($1, targets: relevant, scale: 1) }),
      ("weighted", x, 1, { try $0.binaryCrossEntropy($1, targets: relevant, positiveWeight: 3.5, scale: 1) }),
      ("grouped", x, 1, { try $0.groupedCrossEntropy($1, targets: share, offsets: Self.offsets, scale: 1) }),
      (
        "tagged", golden.floats("tokens"), 5,
        { try $0.crossEntropy($1, labels: golden.integers("tags"), scale: 1 / 6) }
      ),
    ]
    for (name, values, columns, loss) in losses {
      let graph = try Graph<Float>()
      graph.begin(recording: true)
      let x = try graph.variable(values, rows: values.count / columns, columns: columns)
      let value = try loss(graph, x)
      #expect(relativeDifference([value], try golden.floats("\(name).value")) < 1e-6, "\(name)")
      #expect(relativeDifference(graph.gradient(of: x) ?? [], try golden.floats("\(name).gradient")) < 1e-6, "\(name)")
    }
  }

  @Test func gradients() throws {
    let targets = [0, 1, 0.3, 1, 0, 0.5, 1, 0, 1.0]
    for weight in [1.0, 4] {
      try checkGradients([(9, 1)], spread: 3) { graph, x in
        try graph.binaryCrossEntropy(x[0], targets: targets, positiveWeight: weight, scale: 0.7)
        try graph.weightedSum(x[0], coefficients: coefficients(9))
      }
    }
    let share = [0.5, 0.25, 0, 0, 2, 0, 0, 0, 1.0]
    try checkGradients([(9, 1)], spread: 3) { graph, x in
      try graph.groupedCrossEntropy(x[0], targets: share, offsets: Self.offsets, scale: 0.7)
      try graph.groupedCrossEntropy(x[0], targets: targets, offsets: [0, 9], scale: 0.1)
    }
  }

  @Test func shardsAddUp() throws {
    let golden = try Golden("task_losses")
    let (x, relevant) = try (golden.floats("x"), golden.floats("relevant"))
    func loss(_ rows: Range<Int>) throws -> (Double, [Float]) {
      let graph = try Graph<Float>()
      graph.begin(recording: true)
      let part = try graph.variable(Array(x[rows]), rows: rows.count, columns: 1)
      let value = try graph.binaryCrossEntropy(part, targets: Array(relevant[rows]), scale: 1 / 9)
      return (value, graph.gradient(of: part) ?? [])
    }
    let whole = try loss(0..<9)
    for cut in 1..<9 {
      let (left, right) = (try loss(0..<cut), try loss(cut..<9))
      #expect(left.1 + right.1 == whole.1)
      #expect(abs(left.0 + right.0 - whole.0) < 1e-12)
    }
  }

  @Test func refusals() throws {
    let graph = try Graph<Float>()
    graph.begin(recording: false)
    let x = try graph.constant([1, 2, 3, 4], rows: 4, columns: 1)
    let wide = try graph.constant([1, 2, 3, 4], rows: 2, columns: 2)
    #expect(throws: TensorError.self) { try graph.binaryCrossEntropy(wide, targets: [1, 0], scale: 1) }
    #expect(throws: TensorError.self) { try graph.binaryCrossEntropy(x, targets: [1, 0], scale: 1) }
    for target in [-0.1, 1.1, .nan] as [Float] {
      #expect(throws: TensorError.self) { try graph.binaryCrossEntropy(x, targets: [1, 0, target, 0], scale: 1) }
    }
    #expect(throws: TensorError.self) {
      try graph.binaryCrossEntropy(x, targets: [1, 0, 0, 0], positiveWeight: 0, scale: 1)
    }
    for offsets in [[0, 3], [1, 4], [0, 3, 2, 4], []] {
      #expect(throws: TensorError.self) {
        try graph.groupedCrossEntropy(x, targets: [1, 0, 0, 0], offsets: offsets, scale: 1)
      }
    }
    #expect(throws: TensorError.self) {
      try graph.groupedCrossEntropy(x, targets: [1, 0, .infinity, 0], offsets: [0, 4], scale: 1)
    }
    #expect(try graph.groupedCrossEntropy(x, targets: [0, 0, 0, 0], offsets: [0, 4], scale: 1) == 0)
  }
}
