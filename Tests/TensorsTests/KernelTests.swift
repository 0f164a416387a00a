import CKernels
import Foundation
import RetortTesting
import Tensors
import Testing

/// The instruction sets agree with one another and with the C library in double.
struct KernelTests {
  static let instructionSets = ["avx512", "avx2", "portable"].filter { Kernels.named($0) != nil }

  private func apply(_ activation: retort_activation, _ x: [Float], _ kernels: retort_kernels) -> ([Float], [Float]) {
    var y = x
    var derivative = [Float](repeating: 0, count: x.count)
    kernels.bias_activation(&y, nil, &derivative, Int32(activation.rawValue), 1, x.count)
    return (y, derivative)
  }

  /// x from −30 to 30, and far out.
  private let range: [Float] = (-3_000...3_000).map { Float($0) / 100 } + [-1e4, 1e4, -1e-20, 1e-20, 0, -87.5, 88.5]

  @Test(arguments: instructionSets)
  func activationsEqualTheExactFunctions(name: String) throws {
    let kernels = try #require(Kernels.named(name)).pointee
    let (gelu, slope) = apply(RETORT_GELU, range, kernels)
    let exact = range.map { x -> (Double, Double) in
      let x = Double(x)
      let phi = 0.5 * erfc(-x / 2.0.squareRoot())
      return (x * phi, phi + x * exp(-x * x / 2) / (2 * .pi).squareRoot())
    }
    for index in range.indices {
      #expect(abs(Double(gelu[index]) - exact[index].0) <= 4e-7 * max(1, abs(exact[index].0)), "gelu(\(range[index]))")
      #expect(abs(Double(slope[index]) - exact[index].1) <= 1e-6, "gelu'(\(range[index]))")
    }
    let tangent = apply(RETORT_TANH, range, kernels).0
    for (x, y) in zip(range, tangent) {
      #expect(abs(Double(y) - tanh(Double(x))) <= 3e-7 * max(abs(tanh(Double(x))), 1e-3), "tanh(\(x))")
    }
  }

  @Test(arguments: instructionSets)
  func softmaxEqualsTheExactFunction(name: String) throws {
    let kernels = try #require(Kernels.named(name)).pointee
    var random = RandomStream(seed: 6, purpose: .generation)
    for columns in [1, 2, 15, 16, 17, 40] {
      let x = (0..<columns).map { _ in Float(20 * random.normal()) }
      var y = [Float](repeating: 0, count: columns)
      kernels.softmax(x, &y, 1, columns)
      let top = Double(x.max() ?? 0)
      let exponentials = x.map { exp(Double($0) - top) }
      let total = exponentials.reduce(0, +)
      #expect(relativeDifference(y, exponentials.map { $0 / total }) < 1e-6)
    }
  }

  /// A pass through every loop; the result is every intermediate value and gradient.
  private func pass(_ kernels: UnsafePointer<retort_kernels>) throws -> [Float] {
    let graph = try Graph<Float>(kernels: kernels)
    graph.keepsGradients = true
    graph.begin(recording: true, randomness: Randomness(seed: 5, step: 3))
    func random(_ rows: Int, _ columns: Int, _ seed: UInt64) throws -> Tensor<Float> {
      try graph.variable(coefficients(rows * columns, seed: seed).map { Float($0) }, rows: rows, columns: columns)
    }
    let words = try random(11, 21, 1)
    let x = try graph.embedding(words: words, ids: [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4])
    let projections = try graph.linear(x, weight: random(63, 21, 2), bias: random(1, 63, 3))
    let attention = try graph.attention(
      projections, heads: 3, offsets: [0, 2, 3, 20], dropout: 0.1, exposesScores: true)
    let normal = try graph.layerNorm(
      graph.dropout(attention.context, rate: 0.2, firstRow: 0), residual: x, weight: random(1, 21, 4),
      bias: random(1, 21, 5), epsilon: 1e-12)
    let wide = try graph.linear(normal, weight: random(37, 21, 6), bias: random(1, 37, 7), activation: .gelu)
    let first = try graph.rows(wide, at: [0, 2, 3])
    let logits = try graph.linear(first, weight: random(5, 37, 8), bias: random(1, 5, 9), activation: .tanh)
    let target = try graph.constant(coefficients(15).map { Float($0) }, rows: 3, columns: 5)
    try graph.crossEntropy(logits, labels: [0, 4, 2], scale: 1)
    try graph.divergence(.forwardKL, logits, teacher: target, temperature: 2, scale: 1)
    try graph.squaredError(logits, target: target, scale: 1)
    try graph.cosineDistance(logits, target: target, scale: 1)
    graph.backward()
    let tensors = [x, projections, attention.context, attention.probabilities, normal, wide, logits]
    return tensors.flatMap { $0.values + (graph.gradient(of: $0) ?? []) } + (graph.gradient(of: words) ?? [])
      + [Float(graph.loss)]
  }

  @Test(arguments: instructionSets)
  func instructionSetsAgree(name: String) throws {
    let portable = try pass(#require(Kernels.named("portable")))
    #expect(relativeDifference(try pass(#require(Kernels.named(name))), portable) < 1e-5)
  }

  @Test(arguments: instructionSets)
  func sums(name: String) throws {
    let kernels = try #require(Kernels.named(name)).pointee
    for count in [0, 1, 7, 8, 9, 1_000] {
      let x = coefficients(count).map { Float($0) }
      let exact = x.reduce(0.0) { $0 + Double($1) }
      let square = x.reduce(0.0) { $0 + Double($1) * Double($1) }
      #expect(abs(kernels.sum(x, count) - exact) < 1e-10)
      #expect(abs(kernels.squared_norm(x, count) - square) < 1e-10)
      #expect(kernels.count_non_finite(x + [.nan, .infinity], count + 2) == 2)
    }
  }

  @Test func unknownInstructionSet() {
    #expect(Kernels.named("mmx") == nil)
    #expect(Kernels.choice("mmx") == Kernels.choice(nil))
    for name in Self.instructionSets { #expect(String(cString: Kernels.choice(name).pointee.name) == name) }
    #expect(KernelTests.instructionSets.contains(Kernels.instructionSet))
  }
}
