import CKernels
import Foundation
import RetortTesting
import Tensors
import Testing

/// The loops of models beside BERT: instruction sets agree with one another and with the C library in double.
struct SentenceKernelTests {
  /// With the candidate at tanh(30) = 1 the first cell is σ of the input gate.
  @Test(arguments: KernelTests.instructionSets)
  func sigmoidEqualsTheExactFunction(name: String) throws {
    let kernels = try #require(Kernels.named(name)).pointee
    let x = (-3_000...3_000).map { Float($0) / 100 } + [-1e4, 1e4, -1e-20, 1e-20, 0, -80, 80]
    let size = x.count
    var gates = x + [Float](repeating: 0, count: size) + [Float](repeating: 30, count: size)
    gates += [Float](repeating: 0, count: size)
    let zeros = [Float](repeating: 0, count: 4 * size)
    var (cells, states, current) = (Array(zeros[..<size]), Array(zeros[..<size]), Array(zeros[..<size]))
    let (starts, sequences): ([Int32], [Int32]) = ([0], [0])
    gates.withUnsafeMutableBytes { gates in
      cells.withUnsafeMutableBytes { cells in
        states.withUnsafeMutableBytes { states in
          zeros.withUnsafeBytes { zeros in
            starts.withUnsafeBufferPointer { starts in
              sequences.withUnsafeBufferPointer { sequences in
                var pass = retort_lstm(
                  size: size, input_bias: zeros.baseAddress, state_bias: zeros.baseAddress,
                  starts: starts.baseAddress, sequences: sequences.baseAddress, direction: 1, gates: gates.baseAddress,
                  cells: cells.baseAddress, states: states.baseAddress)
                kernels.lstm_step(&pass, 0, 1, nil, &current)
              }
            }
          }
        }
      }
    }
    for (x, y) in zip(x, cells) {
      let exact = 1 / (1 + exp(-Double(x)))
      #expect(abs(Double(y) - exact) <= 5e-7 * max(exact, 1e-30), "σ(\(x))")
    }
    #expect(states == current)
  }

  /// A pass through every one of these loops; the result is every value and gradient.
  private func pass(_ kernels: UnsafePointer<retort_kernels>) throws -> [Float] {
    let graph = try Graph<Float>(kernels: kernels)
    graph.keepsGradients = true
    graph.begin(recording: true)
    func random(_ rows: Int, _ columns: Int, _ seed: UInt64) throws -> Tensor<Float> {
      try graph.variable(coefficients(rows * columns, seed: seed).map { Float($0) / 3 }, rows: rows, columns: columns)
    }
    let x = try random(23, 5, 1)
    let size = 21
    var tensors = [x]
    var states: [Tensor<Float>] = []
    for direction in TimeDirection.allCases {
      let seed: UInt64 = direction == .forwards ? 10 : 20
      let weights = try LSTMWeights(
        input: random(4 * size, 5, seed), state: random(4 * size, size, seed + 1),
        inputBias: random(1, 4 * size, seed + 2), stateBias: random(1, 4 * size, seed + 3))
      let result = try graph.lstm(x, weights: weights, offsets: [0, 2, 3, 20, 20, 23], direction: direction)
      tensors += [
        weights.input, weights.state, weights.inputBias, weights.stateBias, result.states, result.finalStates,
      ]
      states.append(result.states)
    }
    let both = try graph.concatenate(states)
    let answers = try graph.timeConvolution(
      both, weight: random(33, 3 * 2 * size, 30), bias: random(1, 33, 31), width: 3, offsets: [0, 2, 3, 20, 20, 23],
      activation: .relu)
    let maxima = try graph.maxOverTime(answers.values, offsets: answers.offsets)
    let distance = try graph.absoluteDifference(tensors[6], tensors[12])
    let product = try graph.multiply(tensors[6], tensors[12])
    tensors += [both, answers.values, maxima, distance, product]
    for (place, tensor) in [maxima, distance, product].enumerated() {
      let pulls = coefficients(tensor.count, seed: 40 + UInt64(place)).map { Float($0) }
      try graph.weightedSum(tensor, coefficients: pulls)
    }
    graph.backward()
    return tensors.flatMap { $0.values + (graph.gradient(of: $0) ?? []) } + [Float(graph.loss)]
  }

  @Test(arguments: KernelTests.instructionSets)
  func instructionSetsAgree(name: String) throws {
    let portable = try pass(#require(Kernels.named("portable")))
    #expect(relativeDifference(try pass(#require(Kernels.named(name))), portable) < 1e-5)
  }
}
