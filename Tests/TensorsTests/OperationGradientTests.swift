import Tensors
import Testing

/// Every operation against central differences in double.
struct OperationGradientTests {
  /// Feeds each output element into the loss with a coefficient of its own.
  private func pull(_ graph: Graph<Double>, _ x: Tensor<Double>, seed: UInt64 = 17) throws {
    try graph.weightedSum(x, coefficients: coefficients(x.count, seed: seed))
  }

  @Test(arguments: [Activation.identity, .gelu, .tanh, .relu, .geluTanh])
  func linear(activation: Activation) throws {
    try checkGradients([(3, 5), (9, 5), (1, 9)]) { graph, input in
      try pull(graph, graph.linear(input[0], weight: input[1], bias: input[2], activation: activation))
    }
  }

  @Test func linearWithoutBias() throws {
    try checkGradients([(3, 5), (2, 5)]) { graph, input in
      try pull(graph, graph.linear(input[0], weight: input[1], bias: nil, activation: .tanh))
    }
  }

  @Test func layerNorm() throws {
    try checkGradients([(3, 11), (1, 11), (1, 11)]) { graph, input in
      try pull(graph, graph.layerNorm(input[0], weight: input[1], bias: input[2], epsilon: 1e-12))
    }
  }

  @Test func layerNormWithResidual() throws {
    try checkGradients([(3, 11), (3, 11), (1, 11), (1, 11)]) { graph, input in
      let y = try graph.layerNorm(
        input[0], residual: input[1], weight: input[2], bias: input[3], epsilon: 1e-5)
      try pull(graph, y)
      // Both addends are used again, before and after: their gradients must add up whatever the order.
      try pull(graph, input[0], seed: 18)
      try pull(graph, graph.add(y, input[1]), seed: 19)
    }
  }

  @Test func residualAlone() throws {
    try checkGradients([(2, 6), (1, 6), (1, 6)]) { graph, input in
      let fixed = try graph.constant(coefficients(12, seed: 3), rows: 2, columns: 6)
      try pull(
        graph, graph.layerNorm(fixed, residual: input[0], weight: input[1], bias: input[2], epsilon: 1e-5))
    }
  }

  @Test func embedding() throws {
    try checkGradients([(5, 3), (4, 3), (2, 3)]) { graph, input in
      let y = try graph.embedding(
        words: input[0], ids: [1, 4, 1, 0], positions: input[1], places: [0, 1, 2, 0], types: input[2],
        kinds: [0, 0, 1, 1])
      try pull(graph, y)
    }
  }

  @Test func columns() throws {
    try checkGradients([(3, 4), (3, 2)]) { graph, input in
      let y = try graph.besides([input[0], input[1], input[0]])
      try pull(graph, y)
      try pull(graph, graph.columns(y, 3..<6), seed: 5)
      try pull(graph, graph.columns(input[0], 0..<0), seed: 6)
    }
  }

  @Test func trigrams() throws {
    try checkGradients([(6, 3)]) { graph, input in
      try pull(graph, graph.trigrams(input[0], offsets: [0, 1, 1, 4, 6]))
    }
  }

  @Test func scaleShift() throws {
    try checkGradients([(3, 5), (3, 5), (1, 5), (1, 5)]) { graph, input in
      let y = try graph.scaleShift(input[0], residual: input[1], weight: input[2], bias: input[3])
      try pull(graph, graph.scaleShift(y, weight: input[3], bias: input[2]))
    }
  }

  @Test func rows() throws {
    try checkGradients([(4, 3)]) { graph, input in
      try pull(graph, graph.rows(input[0], at: [3, 0, 3]))
      try pull(graph, graph.rows(input[0], at: [1]), seed: 4)
    }
  }

  @Test func arithmetic() throws {
    try checkGradients([(2, 9), (2, 9)]) { graph, input in
      let sum = try graph.add(graph.scale(input[0], by: 2.5), graph.add(input[1], input[0]))
      try pull(graph, graph.linear(sum, weight: input[1], bias: nil))
    }
  }

  @Test func dropout() throws {
    try checkGradients([(3, 10)], randomness: Randomness(seed: 9, step: 2)) { graph, input in
      let y = try graph.dropout(input[0], rate: 0.4, firstRow: 5)
      try pull(graph, graph.add(y, input[0]))
      try pull(graph, y, seed: 2)
    }
  }

  @Test(arguments: [(0.0, false), (0.0, true), (0.3, false), (0.3, true)])
  func attention(rate: Double, exposesScores: Bool) throws {
    let tokens = 14
    try checkGradients([(tokens, 3 * 6)], randomness: Randomness(seed: 4, step: 1)) { graph, input in
      let result = try graph.attention(
        input[0], heads: 2, offsets: [0, 3, 4, 4, 14], dropout: rate, firstRow: 100, exposesScores: exposesScores)
      try pull(graph, result.context)
      if let scores = result.scores {
        try pull(graph, scores, seed: 21)
        try pull(graph, result.probabilities, seed: 22)
        try pull(graph, input[0], seed: 23)
      }
    }
  }

  @Test func scoresAlone() throws {
    try checkGradients([(5, 12)]) { graph, input in
      let result = try graph.attention(input[0], heads: 2, offsets: [0, 5], exposesScores: true)
      if let scores = result.scores { try pull(graph, scores) }
    }
  }

  @Test func hardCrossEntropy() throws {
    try checkGradients([(4, 5)], spread: 2) { graph, input in
      try graph.crossEntropy(input[0], labels: [0, 4, -100, 2], weights: [1, 0.5, 1, 2], scale: 0.3)
    }
  }

  @Test(arguments: [Graph<Double>.Divergence.softCrossEntropy, .forwardKL, .reverseKL])
  func divergence(kind: Graph<Double>.Divergence) throws {
    let teacher = coefficients(20)
    try checkGradients([(4, 5)], spread: 2) { graph, input in
      try graph.divergence(
        kind, input[0], teacher: graph.constant(teacher, rows: 4, columns: 5), temperature: 2.5,
        weights: [1, 0, 3, 0.5], scale: 0.7)
      try graph.crossEntropy(input[0], labels: [1, 1, 1, 1], scale: 0.25)
    }
  }

  @Test func vectorLosses() throws {
    let target = coefficients(51)
    try checkGradients([(3, 17)]) { graph, input in
      let fixed = try graph.constant(target, rows: 3, columns: 17)
      try graph.squaredError(input[0], target: fixed, weights: [1, 0, 0.5], scale: 0.1)
      try graph.cosineDistance(input[0], target: fixed, weights: [2, 1, 0], scale: 0.4)
    }
  }
}
