import Tensors
import Testing

/// The operations of models beside BERT against central differences in double.
struct SentenceGradientTests {
  private func pull(_ graph: Graph<Double>, _ x: Tensor<Double>, seed: UInt64 = 17) throws {
    try graph.weightedSum(x, coefficients: coefficients(x.count, seed: seed))
  }

  private func weights(_ input: [Tensor<Double>], from place: Int) -> LSTMWeights<Double> {
    LSTMWeights(input: input[place], state: input[place + 1], inputBias: input[place + 2], stateBias: input[place + 3])
  }

  /// Offsets with ties, a single token and empty sequences at both ends; size 9 is more than one vector of doubles.
  @Test(
    arguments: TimeDirection.allCases,
    [
      (states: true, finalStates: true), (states: true, finalStates: false), (states: false, finalStates: true),
    ])
  func lstm(direction: TimeDirection, uses: (states: Bool, finalStates: Bool)) throws {
    for size in [3, 9] {
      try checkGradients([(10, 2), (4 * size, 2), (4 * size, size), (1, 4 * size), (1, 4 * size)], spread: 0.7) {
        graph, input in
        let result = try graph.lstm(
          input[0], weights: weights(input, from: 1), offsets: [0, 0, 2, 6, 7, 9, 10, 10], direction: direction)
        if uses.states { try pull(graph, result.states) }
        if uses.finalStates { try pull(graph, result.finalStates, seed: 18) }
      }
    }
  }

  /// Two layers in both directions with the same weights: every gradient is added to from several places.
  @Test func stackedAndTied() throws {
    let size = 2
    try checkGradients([(6, 4), (8, 4), (8, size), (1, 8)]) { graph, input in
      // One vector serves as both biases.
      let tied = LSTMWeights(input: input[1], state: input[2], inputBias: input[3], stateBias: input[3])
      var x = input[0]
      for _ in 0..<2 {
        let ahead = try graph.lstm(x, weights: tied, offsets: [0, 2, 6])
        let back = try graph.lstm(x, weights: tied, offsets: [0, 2, 6], direction: .backwards)
        try pull(graph, ahead.finalStates, seed: 3)
        x = try graph.concatenate([ahead.states, back.states])
      }
      try pull(graph, x)
      try pull(graph, input[0], seed: 4)
      try pull(graph, input[2], seed: 5)
    }
  }

  @Test func frozenWeights() throws {
    try checkGradients([(5, 2)]) { graph, input in
      let values = coefficients(200, seed: 6)
      let fixed = try LSTMWeights(
        input: graph.constant(Array(values[0..<24]), rows: 12, columns: 2),
        state: graph.constant(Array(values[24..<60]), rows: 12, columns: 3),
        inputBias: graph.constant(Array(values[60..<72]), rows: 1, columns: 12),
        stateBias: graph.constant(Array(values[72..<84]), rows: 1, columns: 12))
      try pull(graph, graph.lstm(input[0], weights: fixed, offsets: [0, 3, 5]).states)
    }
  }

  /// Sequences shorter than the width, as long, longer, and an empty one.
  @Test(arguments: [Activation.identity, .gelu, .tanh, .relu], [1, 3, 4])
  func timeConvolution(activation: Activation, width: Int) throws {
    try checkGradients([(13, 2), (9, 2 * width), (1, 9)]) { graph, input in
      let result = try graph.timeConvolution(
        input[0], weight: input[1], bias: input[2], width: width, offsets: [0, 1, 4, 4, 8, 13], activation: activation)
      try pull(graph, result.values)
      // Used again: gradients add up.
      try pull(graph, input[0], seed: 18)
      try pull(graph, input[1], seed: 19)
    }
  }

  @Test func timeConvolutionWithoutBias() throws {
    try checkGradients([(4, 3), (2, 6)]) { graph, input in
      let result = try graph.timeConvolution(input[0], weight: input[1], bias: nil, width: 2, offsets: [0, 4])
      try pull(graph, result.values)
    }
  }

  @Test func maxOverTime() throws {
    try checkGradients([(9, 11)]) { graph, input in
      try pull(graph, graph.maxOverTime(input[0], offsets: [0, 4, 5, 9]))
      try pull(graph, graph.maxOverTime(input[0], offsets: [0, 9]), seed: 2)
    }
  }

  @Test func concatenate() throws {
    try checkGradients([(3, 2), (3, 9), (3, 1)]) { graph, input in
      try pull(graph, graph.concatenate([input[0], input[1], input[0], input[2]]))
      try pull(graph, input[1], seed: 2)
    }
  }

  @Test func pairFeatures() throws {
    try checkGradients([(2, 9), (2, 9)]) { graph, input in
      try pull(graph, graph.absoluteDifference(input[0], input[1]))
      try pull(graph, graph.multiply(input[0], input[1]), seed: 2)
      try pull(graph, graph.multiply(input[0], input[0]), seed: 3)
    }
  }
}
