import RetortTesting
import Tensors
import Testing

/// Losses against techniques.md §0.5 (recomputed there in double precision) and against PyTorch.
struct LossTests {
  private static let student = [1, 0.5, -0.5, 0, 2, -1.0]
  private static let teacher = [2, 0, -1.0, -1, 1, 0.5]

  struct Row: Sendable {
    var temperature, softCrossEntropy, kl, scaledKL, elementMean, reverseKL: Double
  }

  static let table = [
    Row(
      temperature: 1, softCrossEntropy: 1.0470513829, kl: 0.3426921786, scaledKL: 0.3426921786,
      elementMean: 0.1142307262, reverseKL: 0.2629885340),
    Row(
      temperature: 2, softCrossEntropy: 1.0771839643, kl: 0.1112082503, scaledKL: 0.4448330013,
      elementMean: 0.1482776671, reverseKL: 0.0970038531),
    Row(
      temperature: 4, softCrossEntropy: 1.0925471167, kl: 0.0294557539, scaledKL: 0.4712920625,
      elementMean: 0.1570973542, reverseKL: 0.0275652518),
  ]

  private func divergence<Element: TensorElement>(
    _ kind: Graph<Element>.Divergence, _ temperature: Double, scale: Double, _: Element.Type
  ) throws -> (value: Double, gradient: [Element]) {
    let graph = try Graph<Element>()
    graph.begin(recording: true)
    let x = try graph.variable(Self.student.map { Element($0) }, rows: 2, columns: 3)
    let target = try graph.constant(Self.teacher.map { Element($0) }, rows: 2, columns: 3)
    let value = try graph.divergence(kind, x, teacher: target, temperature: temperature, scale: scale)
    return (value, graph.gradient(of: x) ?? [])
  }

  @Test(arguments: table)
  func fixture(row: Row) throws {
    func value(_ kind: Graph<Double>.Divergence, _ scale: Double) throws -> Double {
      try divergence(kind, row.temperature, scale: scale, Double.self).value
    }
    let square = row.temperature * row.temperature
    #expect(abs(try value(.softCrossEntropy, 0.5) - row.softCrossEntropy) < 1e-10)
    #expect(abs(try value(.softCrossEntropy, 0.5 / 3) - row.softCrossEntropy / 3) < 1e-10)
    #expect(abs(try value(.forwardKL, 0.5) - row.kl) < 1e-10)
    #expect(abs(try value(.forwardKL, square / 2) - row.scaledKL) < 1e-10)
    #expect(abs(try value(.forwardKL, square / 6) - row.elementMean) < 1e-10)
    #expect(abs(try value(.reverseKL, 0.5) - row.reverseKL) < 1e-10)
  }

  @Test(arguments: table)
  func fixtureInSinglePrecision(row: Row) throws {
    for (kind, expected) in [
      (Graph<Float>.Divergence.softCrossEntropy, row.softCrossEntropy), (.forwardKL, row.kl),
      (.reverseKL, row.reverseKL),
    ] {
      #expect(abs(try divergence(kind, row.temperature, scale: 0.5, Float.self).value - expected) < 1e-6)
    }
  }

  @Test func fixtureGradient() throws {
    let expected = [-0.1843177401, 0.1147302972, 0.0695874428, 0.0598525695, 0.1626961519, -0.2225487214]
    #expect(relativeDifference(try divergence(.forwardKL, 2, scale: 2, Double.self).gradient, expected) < 1e-9)
    #expect(relativeDifference(try divergence(.forwardKL, 2, scale: 2, Float.self).gradient, expected) < 1e-6)
  }

  @Test func fixtureHardAndSquared() throws {
    let graph = try Graph<Double>()
    graph.begin(recording: false)
    let x = try graph.constant(Self.student, rows: 2, columns: 3)
    let target = try graph.constant(Self.teacher, rows: 2, columns: 3)
    #expect(abs(try graph.crossEntropy(x, labels: [0, 1], scale: 0.5) - 0.3869883124) < 1e-10)
    #expect(abs(try graph.squaredError(x, target: target, scale: 1 / 6.0) - 0.9583333333) < 1e-10)
    let halves = (graph.scale(x, by: 0.5), graph.scale(target, by: 0.5))
    #expect(abs(try graph.squaredError(halves.0, target: halves.1, scale: 1 / 6.0) - 0.2395833333) < 1e-10)
    #expect(abs(try divergence(.forwardKL, 1000, scale: 5e5, Double.self).value - 0.4722668) < 1e-6)
  }

  @Test(arguments: ["avx512", "avx2", "portable"])
  func valuesAndGradientsEqualPyTorch(instructionSet: String) throws {
    guard let kernels = Kernels.named(instructionSet) else { return }
    let golden = try Golden("losses")
    let weights = try golden.floats("weights")
    let losses: [(String, (Graph<Float>, Tensor<Float>, Tensor<Float>) throws -> Double)] = [
      (
        "crossEntropy",
        { graph, x, _ in try graph.crossEntropy(x, labels: golden.integers("labels"), weights: weights, scale: 1) }
      ),
      (
        "softCrossEntropy",
        { try $0.divergence(.softCrossEntropy, $1, teacher: $2, temperature: 3, weights: weights, scale: 1) }
      ),
      ("forwardKL", { try $0.divergence(.forwardKL, $1, teacher: $2, temperature: 3, weights: weights, scale: 1) }),
      ("reverseKL", { try $0.divergence(.reverseKL, $1, teacher: $2, temperature: 3, weights: weights, scale: 1) }),
      ("squaredError", { try $0.squaredError($1, target: $2, weights: weights, scale: 1) }),
      ("cosineDistance", { try $0.cosineDistance($1, target: $2, weights: weights, scale: 1) }),
    ]
    for (name, loss) in losses {
      let graph = try Graph<Float>(kernels: kernels)
      graph.begin(recording: true)
      let x = try graph.variable(golden.floats("x"), rows: 7, columns: 21)
      let target = try graph.constant(golden.floats("target"), rows: 7, columns: 21)
      let value = try loss(graph, x, target)
      #expect(relativeDifference([value], try golden.floats("\(name).value")) < 1e-5, "\(name)")
      let gradient = graph.gradient(of: x) ?? []
      #expect(relativeDifference(gradient, try golden.floats("\(name).gradient")) < 1e-5, "\(name)")
    }
  }

  /// KL is 0 with a zero gradient for logits that differ by a constant a row; the logit MSE is not.
  @Test func shiftInvariance() throws {
    let graph = try Graph<Double>()
    graph.begin(recording: true)
    let x = try graph.variable(Self.student, rows: 2, columns: 3)
    let shifted = try graph.constant(Self.student.enumerated().map { $1 + ($0 < 3 ? 4 : -7) }, rows: 2, columns: 3)
    #expect(abs(try graph.divergence(.forwardKL, x, teacher: shifted, temperature: 2, scale: 1)) < 1e-12)
    #expect((graph.gradient(of: x) ?? [1]).allSatisfy { abs($0) < 1e-12 })
    #expect(try graph.squaredError(x, target: shifted, scale: 1) > 1)
  }

  @Test func refusals() throws {
    let graph = try Graph<Float>()
    graph.begin(recording: false)
    let x = try graph.constant([1, 2, 3, 4], rows: 2, columns: 2)
    let other = try graph.constant([1, 2], rows: 1, columns: 2)
    #expect(throws: TensorError.index(operation: "crossEntropy", value: 2, limit: 2)) {
      try graph.crossEntropy(x, labels: [0, 2], scale: 1)
    }
    #expect(throws: TensorError.option(operation: "divergence", name: "temperature", value: 0)) {
      try graph.divergence(.forwardKL, x, teacher: x, temperature: 0, scale: 1)
    }
    #expect(throws: TensorError.option(operation: "loss", name: "scale", value: .infinity)) {
      try graph.crossEntropy(x, labels: [-100, -100], scale: 1 / 0)
    }
    #expect(try graph.crossEntropy(x, labels: [-100, -100], scale: 1) == 0)
    #expect(throws: TensorError.self) { try graph.squaredError(x, target: other, scale: 1) }
    #expect(throws: TensorError.self) { try graph.squaredError(x, target: x, weights: [1], scale: 1) }
    #expect(throws: TensorError.self) { try graph.crossEntropy(x, labels: [0], scale: 1) }
    #expect(throws: TensorError.self) { try graph.linear(x, weight: other, bias: other) }
    #expect(throws: TensorError.self) { try graph.rows(x, at: [-1]) }
    #expect(throws: TensorError.self) { try graph.embedding(words: x, ids: [2]) }
    #expect(throws: TensorError.self) { try graph.attention(x, heads: 1, offsets: [0, 2]) }
    #expect(throws: TensorError.self) { try graph.dropout(x, rate: 1, firstRow: 0) }
  }
}
