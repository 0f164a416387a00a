import RetortTesting
import Tensors
import Testing

/// Weights as tensors of a graph.
func lstmWeights<Element: TensorElement>(
  _ graph: Graph<Element>, inputs: Int, size: Int, _ value: (_ field: Int, _ place: Int) -> Element
) throws -> LSTMWeights<Element> {
  func tensor(_ field: Int, _ rows: Int, _ columns: Int) throws -> Tensor<Element> {
    try graph.variable((0..<rows * columns).map { value(field, $0) }, rows: rows, columns: columns)
  }
  return try LSTMWeights(
    input: tensor(0, 4 * size, inputs), state: tensor(1, 4 * size, size), inputBias: tensor(2, 1, 4 * size),
    stateBias: tensor(3, 1, 4 * size))
}

/// The LSTM against PyTorch, hand-made examples and what must not change it.
struct LSTMTests {
  private func random(_ count: Int, _ seed: UInt64) -> [Float] { coefficients(count, seed: seed).map { Float($0) } }

  /// Both directions of `nn.LSTM` over ragged sequences: states, final states, and every gradient.
  @Test(arguments: KernelTests.instructionSets)
  func equalsPyTorch(instructionSet: String) throws {
    let golden = try Golden("recurrent")
    let lengths = try golden.integers("lengths")
    let offsets = lengths.reduce(into: [Int32(0)]) { $0.append($0[$0.count - 1] + $1) }
    let (tokens, size) = (lengths.reduce(0) { $0 + Int($1) }, try golden.shape("layer.states")[1] / 2)
    let graph = try Graph<Float>(kernels: Kernels.named(instructionSet))
    graph.keepsGradients = true
    graph.begin(recording: true)
    let x = try graph.variable(golden.floats("layer.x"), rows: tokens, columns: golden.shape("layer.x")[1])
    func weights(_ suffix: String) throws -> (LSTMWeights<Float>, [(String, Tensor<Float>)]) {
      let tensors = try ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"].map { name in
        let shape = try golden.shape("layer.parameter.\(name)\(suffix)")
        let rows = shape.count > 1 ? shape[0] : 1
        return try graph.variable(
          golden.floats("layer.parameter.\(name)\(suffix)"), rows: rows, columns: shape.reduce(1, *) / rows)
      }
      let names = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"].map { "\($0)\(suffix)" }
      return (
        LSTMWeights(input: tensors[0], state: tensors[1], inputBias: tensors[2], stateBias: tensors[3]),
        Array(zip(names, tensors))
      )
    }
    let (ahead, aheadTensors) = try weights("")
    let (back, backTensors) = try weights("_reverse")
    let first = try graph.lstm(x, weights: ahead, offsets: offsets)
    let second = try graph.lstm(x, weights: back, offsets: offsets, direction: .backwards)
    let states = try graph.concatenate([first.states, second.states])
    let final = try graph.concatenate([first.finalStates, second.finalStates])
    #expect(states.columns == 2 * size)
    #expect(relativeDifference(states.values, try golden.floats("layer.states")) <= 1e-5)
    #expect(relativeDifference(final.values, try golden.floats("layer.final")) <= 1e-5)
    try graph.weightedSum(states, coefficients: golden.floats("layer.states_pull"))
    try graph.weightedSum(final, coefficients: golden.floats("layer.final_pull"))
    graph.backward()
    #expect(relativeDifference([graph.loss], try golden.floats("layer.loss")) <= 1e-5)
    let dx = try #require(graph.gradient(of: x))
    #expect(relativeDifference(dx, try golden.floats("layer.x_gradient")) <= 1e-5)
    for (name, tensor) in aheadTensors + backTensors {
      let gradient = try #require(graph.gradient(of: tensor))
      #expect(relativeDifference(gradient, try golden.floats("layer.gradient.\(name)")) <= 1e-5, "\(name)")
    }
  }

  @Test(arguments: TimeDirection.allCases)
  func zeroWeightsGiveZeroStates(direction: TimeDirection) throws {
    let graph = try Graph<Float>()
    graph.begin(recording: false)
    let x = try graph.constant(random(12, 1), rows: 4, columns: 3)
    let result = try graph.lstm(
      x, weights: lstmWeights(graph, inputs: 3, size: 5) { _, _ in 0 }, offsets: [0, 1, 4], direction: direction)
    #expect(result.states.values.allSatisfy { $0 == 0 })
    #expect(result.finalStates.values.allSatisfy { $0 == 0 })
  }

  /// Biases alone: open input and output gates, candidate tanh(0.3). An open forget gate counts the steps, a shut one
  /// keeps the last alone.
  @Test(arguments: [(Double(40), true), (-40, false)])
  func forgetBias(bias: Double, counts: Bool) throws {
    let graph = try Graph<Double>()
    graph.begin(recording: false)
    let gates = [40, bias, 0.3, 40]
    // Half of each bias comes from either vector.
    let weights = try lstmWeights(graph, inputs: 2, size: 1) { field, place in field < 2 ? 0 : gates[place] / 2 }
    let x = try graph.constant(coefficients(10), rows: 5, columns: 2)
    let result = try graph.lstm(x, weights: weights, offsets: [0, 5])
    let step = hyperbolicTangent(0.3)
    let expected = (1...5).map { hyperbolicTangent(counts ? Double($0) * step : step) }
    #expect(relativeDifference(result.states.values, expected) < 1e-12)
    #expect(result.finalStates.values == [result.states.values[4]])
  }

  private func hyperbolicTangent(_ x: Double) -> Double {
    // Continued fraction of Lambert 1768: written differently from what it checks.
    let terms = stride(from: 41.0, through: 1, by: -2)
    return x / terms.reduce(Double.infinity) { $0 == .infinity ? $1 : $1 + x * x / $0 }
  }

  /// Backwards over a sequence is forwards over its mirror image.
  @Test func reversalSymmetry() throws {
    let (lengths, width, size) = ([5, 1, 3], 4, 17)
    let offsets: [Int32] = [0, 5, 6, 9]
    let rows = random(9 * width, 2)
    var mirrored: [Float] = []
    var mirror: [Int] = []
    for (start, length) in zip([0, 5, 6], lengths) { mirror += (start..<start + length).reversed() }
    for row in mirror { mirrored += rows[row * width..<(row + 1) * width] }
    let graph = try Graph<Float>()
    graph.begin(recording: false)
    let values = (0..<4).map { random(4 * size * size, 10 + UInt64($0)) }
    let weights = try lstmWeights(graph, inputs: width, size: size) { values[$0][$1] / 2 }
    let back = try graph.lstm(
      graph.constant(rows, rows: 9, columns: width), weights: weights, offsets: offsets, direction: .backwards)
    let ahead = try graph.lstm(graph.constant(mirrored, rows: 9, columns: width), weights: weights, offsets: offsets)
    #expect(relativeDifference(ahead.finalStates.values, back.finalStates.values) < 1e-6)
    let (mine, theirs) = (ahead.states.values, back.states.values)
    for (row, other) in mirror.enumerated() {
      #expect(
        relativeDifference(Array(mine[row * size..<(row + 1) * size]), Array(theirs[other * size..<(other + 1) * size]))
          < 1e-6)
    }
  }

  /// A sequence's states are its own: neither longer neighbours nor empty ones change them. Final states are the ones
  /// after the last step, and 0 of an empty sequence.
  @Test(arguments: TimeDirection.allCases)
  func neighboursDoNotMatter(direction: TimeDirection) throws {
    let offsets: [Int32] = [0, 0, 2, 9, 9, 10, 14]
    let (width, size) = (3, 6)
    let rows = random(14 * width, 3)
    let values = (0..<4).map { random(4 * size * size, 20 + UInt64($0)) }
    let graph = try Graph<Float>()
    func run(_ rows: ArraySlice<Float>, _ offsets: [Int32]) throws -> (states: [Float], final: [Float]) {
      graph.begin(recording: false)
      let weights = try lstmWeights(graph, inputs: width, size: size) { values[$0][$1] }
      let x = try graph.constant(Array(rows), rows: rows.count / width, columns: width)
      let result = try graph.lstm(x, weights: weights, offsets: offsets, direction: direction)
      return (result.states.values, result.finalStates.values)
    }
    let whole = try run(rows[...], offsets)
    for sequence in 0..<6 {
      let (start, end) = (Int(offsets[sequence]), Int(offsets[sequence + 1]))
      let alone = try run(rows[start * width..<end * width], [0, Int32(end - start)])
      #expect(relativeDifference(Array(whole.states[start * size..<end * size]), alone.states) < 1e-6)
      let final = Array(whole.final[sequence * size..<(sequence + 1) * size])
      #expect(relativeDifference(final, alone.final) < 1e-6)
      guard end > start else {
        #expect(final.allSatisfy { $0 == 0 })
        continue
      }
      let last = direction == .forwards ? end - 1 : start
      #expect(final == Array(whole.states[last * size..<(last + 1) * size]))
    }
  }

  @Test func noSequenceAtAll() throws {
    let graph = try Graph<Float>()
    graph.begin(recording: true)
    let weights = try lstmWeights(graph, inputs: 2, size: 3) { _, _ in 1 }
    let x = try graph.variable([], rows: 0, columns: 2)
    let result = try graph.lstm(x, weights: weights, offsets: [0])
    #expect(result.states.count == 0 && result.finalStates.count == 0)
    try graph.weightedSum(result.states, coefficients: [])
    graph.backward()
  }

  /// A spoilt weight must be seen in the states, not squashed into a gate.
  @Test(arguments: 0..<4, 0..<4)
  func notANumberPasses(field: Int, gate: Int) throws {
    let graph = try Graph<Float>()
    graph.begin(recording: false)
    let weights = try lstmWeights(graph, inputs: 1, size: 1) { $0 == field && $1 == gate ? .nan : 0.5 }
    let x = try graph.constant([1, 1], rows: 2, columns: 1)
    #expect(try graph.lstm(x, weights: weights, offsets: [0, 2]).finalStates.values[0].isNaN)
  }

  @Test func refusesWhatDoesNotFit() throws {
    let graph = try Graph<Float>()
    graph.begin(recording: false)
    let x = try graph.constant(random(12, 1), rows: 4, columns: 3)
    let right = try lstmWeights(graph, inputs: 3, size: 2) { _, _ in 0 }
    let other = try lstmWeights(graph, inputs: 4, size: 3) { _, _ in 0 }
    for weights in [
      LSTMWeights(input: other.input, state: right.state, inputBias: right.inputBias, stateBias: right.stateBias),
      LSTMWeights(input: right.input, state: other.state, inputBias: right.inputBias, stateBias: right.stateBias),
      LSTMWeights(input: right.input, state: right.state, inputBias: other.inputBias, stateBias: right.stateBias),
      LSTMWeights(input: right.input, state: right.state, inputBias: right.inputBias, stateBias: other.stateBias),
      LSTMWeights(input: right.input, state: right.input, inputBias: right.inputBias, stateBias: right.stateBias),
    ] {
      #expect(throws: TensorError.self) { try graph.lstm(x, weights: weights, offsets: [0, 4]) }
    }
    for offsets in [[], [0], [0, 3], [1, 4], [0, 3, 2, 4], [0, 5], [0, -1, 4]] as [[Int32]] {
      #expect(throws: TensorError.self, "\(offsets)") { try graph.lstm(x, weights: right, offsets: offsets) }
    }
  }
}
