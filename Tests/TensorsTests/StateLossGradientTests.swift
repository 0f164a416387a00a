import RetortTesting
import Tensors
import Testing

/// Gradients of what losses on inner states are made of, against central differences in double.
struct StateLossGradientTests {
  /// Three texts of 3, 1 and 2 tokens.
  private static let offsets: [Int32] = [0, 3, 4, 6]

  @Test func rowStatistics() throws {
    try checkGradients([(4, 5)]) { graph, x in
      try graph.weightedSum(graph.unitRows(x[0]), coefficients: coefficients(20))
    }
    try checkGradients([(4, 5)]) { graph, x in
      try graph.weightedSum(graph.standardRows(x[0], epsilon: 1e-12), coefficients: coefficients(20))
    }
    try checkGradients([(4, 5)]) { graph, x in
      try graph.weightedSum(graph.rowMeans(x[0]), coefficients: coefficients(4))
      try graph.weightedSum(graph.rowVariances(x[0]), coefficients: coefficients(4, seed: 3))
    }
  }

  @Test(arguments: [0, 1, 2]) func relations(part: Int) throws {
    try checkGradients([(6, 12)]) { graph, x in
      let relation = try graph.relation(of: x[0], part: part, heads: 2, offsets: Self.offsets)
      try graph.weightedSum(relation, coefficients: coefficients(relation.count))
    }
  }

  @Test func grams() throws {
    try checkGradients([(6, 3), (6, 2)]) { graph, x in
      let gram = try graph.featureGram(x[0], x[1], offsets: Self.offsets)
      try graph.weightedSum(gram, coefficients: coefficients(gram.count))
    }
    try checkGradients([(6, 3), (6, 3)]) { graph, x in
      let gram = try graph.tokenGram(x[0], x[1], offsets: Self.offsets) { $0 }
      try graph.weightedSum(gram, coefficients: coefficients(gram.count))
    }
    // A layer with itself: both sides' gradients add up.
    try checkGradients([(6, 3)]) { graph, x in
      let first = try graph.featureGram(x[0], x[0], offsets: Self.offsets)
      try graph.weightedSum(first, coefficients: coefficients(first.count))
      let second = try graph.tokenGram(x[0], x[0], offsets: Self.offsets) { _ in 3 }
      try graph.weightedSum(second, coefficients: coefficients(second.count))
    }
  }

  @Test func heads() throws {
    try checkGradients([(1, 2 * 14)]) { graph, x in
      let sum = try graph.headSum(x[0], heads: 2, offsets: Self.offsets, factor: 0.5)
      try graph.weightedSum(sum, coefficients: coefficients(sum.count))
    }
  }

  @Test(arguments: [Graph<Double>.Divergence.softCrossEntropy, .forwardKL, .reverseKL])
  func divergences(kind: Graph<Double>.Divergence) throws {
    let target = coefficients(2 * 14, seed: 9)
    try checkGradients([(1, 2 * 14)]) { graph, x in
      try graph.attentionDivergence(
        kind, x[0], teacher: graph.constant(target, rows: 1, columns: 28), heads: 2, offsets: Self.offsets,
        weights: [0.5, 2, 1], scale: 0.3)
    }
    try checkGradients([(3, 4)]) { graph, x in
      try graph.divergence(
        kind, x[0], teacher: graph.constant(Array(target.prefix(12)), rows: 3, columns: 4), temperatures: [1, 2.5, 4],
        factors: [1, 0.5, 3], scale: 0.7)
    }
  }

  @Test func errors() throws {
    let target = coefficients(14, seed: 9)
    try checkGradients([(1, 14)]) { graph, x in
      try graph.squaredError(
        x[0], target: graph.constant(target, rows: 1, columns: 14), parts: [9, 1, 4], weights: [1, 3, 0.5], scale: 0.2)
    }
    try checkGradients([(7, 2)]) { graph, x in
      try graph.absoluteError(
        x[0], target: graph.constant(target, rows: 7, columns: 2), weights: [1, 2, 3, 4, 5, 6, 7], scale: 0.2)
    }
  }

  /// A frozen part records nothing, draws no dropout, and leaves the masks of the rest as they would be without it.
  @Test func aFrozenPartLeavesNoTrace() throws {
    let graph = try Graph<Float>()
    func pass(withFrozen: Bool) throws -> (rest: [Float], frozen: [Float]) {
      graph.begin(recording: true, randomness: Randomness(seed: 3, step: 1))
      let x = try graph.variable([Float](repeating: 1, count: 64), rows: 4, columns: 16)
      let first = try graph.dropout(x, rate: 0.5, firstRow: 0)
      var frozen: [Float] = []
      if withFrozen {
        frozen = try graph.frozen { try graph.dropout(x, rate: 0.5, firstRow: 0) }.values
      }
      let second = try graph.dropout(first, rate: 0.5, firstRow: 0)
      return (second.values, frozen)
    }
    let (with, without) = (try pass(withFrozen: true), try pass(withFrozen: false))
    #expect(with.rest == without.rest)
    #expect(with.frozen == [Float](repeating: 1, count: 64))
  }

  @Test func refusals() throws {
    let graph = try Graph<Double>()
    graph.begin(recording: false)
    let x = try graph.constant(coefficients(12), rows: 2, columns: 6)
    let row = try graph.constant(coefficients(4), rows: 1, columns: 4)
    #expect(throws: TensorError.self) { try graph.relation(of: x, part: 3, heads: 1, offsets: [0, 2]) }
    #expect(throws: TensorError.self) { try graph.relation(of: x, part: 0, heads: 4, offsets: [0, 2]) }
    #expect(throws: TensorError.self) { try graph.relation(of: x, part: 0, heads: 1, offsets: [0, 3]) }
    #expect(throws: TensorError.self) { try graph.headSum(row, heads: 3, offsets: [0, 2]) }
    #expect(throws: TensorError.self) { try graph.featureGram(x, row, offsets: [0, 2]) }
    #expect(throws: TensorError.self) { try graph.tokenGram(x, row, offsets: [0, 2]) { $0 } }
    #expect(throws: TensorError.self) {
      try graph.attentionDivergence(.forwardKL, row, teacher: row, heads: 2, offsets: [0, 2], scale: 1)
    }
    #expect(throws: TensorError.self) {
      try graph.squaredError(row, target: row, parts: [3], weights: nil, scale: 1)
    }
    #expect(throws: TensorError.option(operation: "divergence", name: "temperature", value: 0)) {
      try graph.divergence(.forwardKL, row, teacher: row, temperatures: [0], factors: [1], scale: 1)
    }
  }
}
