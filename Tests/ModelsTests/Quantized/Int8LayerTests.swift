import Foundation
import Models
import RetortTesting
import Tensors
import Testing

/// Every integer of a quantized layer against `Tests/Goldens/int8.py`, on every instruction set.
struct Int8LayerTests {
  private static let (inputs, outputs) = (37, 19)

  struct Case: Sendable {
    var name: String
    var grid: Int8Grid
    var shared: Bool
    var key: String { "\(name).\(grid == .symmetric ? "symmetric" : "affine").\(shared ? "tensor" : "row")" }
  }

  static let cases = ["mixed", "positive", "negative"].flatMap { name in
    [Int8Grid.symmetric, .affine].flatMap { grid in
      [false, true].map { Case(name: name, grid: grid, shared: $0) }
    }
  }

  @Test func weights() throws {
    let golden = try Golden("int8")
    let matrix = try golden.floats("weight").withUnsafeBufferPointer {
      try QuantizedMatrix(quantizing: $0, columns: Self.inputs)
    }
    #expect(try matrix.values.map { Int32($0) } == golden.integers("weight_q"))
    #expect(try matrix.scales == golden.floats("weight_scale"))
    #expect(matrix.scales[4] == 1)
    let weights = try golden.floats("weight")
    for (index, weight) in matrix.floats.enumerated() {
      #expect(abs(weight - weights[index]) <= matrix.scales[index / Self.inputs] * 0.50001)
    }
    // Quantizing what the integers stand for changes nothing.
    let again = try matrix.floats.withUnsafeBufferPointer { try QuantizedMatrix(quantizing: $0, columns: Self.inputs) }
    #expect(again.values == matrix.values)
  }

  /// The figures of techniques.md §11.1, and weights that are too small to scale.
  @Test func publishedFigures() throws {
    func integers(_ weights: [Float]) throws -> [Int8] {
      try weights.withUnsafeBufferPointer { try QuantizedMatrix(quantizing: $0, columns: weights.count).values }
    }
    #expect(try integers([-1, 0.3, 0.5, 0.004]) == [-127, 38, 64, 1])
    #expect(try integers([0, 0]) == [0, 0])
    #expect(try integers([Float(1e-40 as Double), Float(-1e-40 as Double)]) == [0, 0])
  }

  @Test(arguments: Int8Kernels.instructionSets, cases)
  func activationsSumsAndResults(instructionSet: String, given: Case) throws {
    let golden = try Golden("int8")
    let x = try golden.floats("\(given.name).x")
    let rows = x.count / Self.inputs
    let bytes = Int8Rows.byteCount(rows: rows, columns: Self.inputs)
    try withUnsafeTemporaryAllocation(byteCount: bytes, alignment: 64) { memory in
      let quantized = Int8Rows(
        quantizing: x, rows: rows, columns: Self.inputs, grid: given.grid, shared: given.shared,
        in: try #require(memory.baseAddress), instructionSet: instructionSet)
      let values = (0..<rows).flatMap { row in
        (0..<Self.inputs).map { Int32(quantized.values[row * quantized.stride + $0]) }
      }
      #expect(try values == golden.integers("\(given.key).q"))
      #expect(try (0..<rows).map { quantized.scales[$0] } == golden.floats("\(given.key).scale"))
      #expect(try (0..<rows).map { quantized.zeros[$0] } == golden.integers("\(given.key).zero"))
      let weight = try golden.integers("weight_q").map { Int8($0) }
      var engines: [OneDNN?] = [nil]
      if instructionSet == "avx512", let onednn = try? OneDNN.shared() { engines.append(onednn) }
      for engine in engines {
        let layer = try PackedInt8Weight(
          weight, scales: golden.floats("weight_scale"), bias: golden.floats("bias"), inputs: Self.inputs,
          instructionSet: instructionSet, onednn: engine)
        #expect(try layer.integerSums(of: quantized) == golden.integers("\(given.key).sums"))
        let stride = Self.outputs + 2
        var y = [Float](repeating: 7, count: rows * stride)
        layer.apply(to: quantized, into: &y, stride: stride)
        let dense = (0..<rows).flatMap { y[$0 * stride..<$0 * stride + Self.outputs] }
        #expect(relativeDifference(dense, try golden.floats("\(given.key).y")) < 1e-6)
        #expect(y[Self.outputs] == 7 && y[stride - 1] == 7)
      }
    }
  }

  /// Sums that 16 bits would saturate, in every tile height, beside plain integer arithmetic.
  @Test(arguments: Int8Kernels.instructionSets)
  func nothingSaturates(instructionSet: String) throws {
    let inputs = 66
    for (rows, outputs) in [(1, 1), (2, 17), (5, 32), (13, 33), (14, 16), (17, 50)] {
      var dice = Dice(UInt64(rows))
      let extremes: [Int8] = [127, -127, 126]
      let weight: [Int8] = (0..<outputs * inputs).map { _ in extremes[Int.random(in: 0..<3, using: &dice)] }
      // On the affine grid from 0 to 255 the integers are the values themselves.
      let bytes: [Float] = [255, 255, 254, 0]
      var x: [Float] = (0..<rows * inputs).map { _ in bytes[Int.random(in: 0..<4, using: &dice)] }
      (x[0], x[1]) = (0, 255)
      let layer = try PackedInt8Weight(
        weight, scales: Array(repeating: 1, count: outputs), bias: nil, inputs: inputs, instructionSet: instructionSet)
      var expected: [Int32] = []
      for row in 0..<rows {
        for output in 0..<outputs {
          var sum: Int32 = 0
          for k in 0..<inputs {
            let value = Int32(x[row * inputs + k])
            sum += value * Int32(weight[output * inputs + k])
          }
          expected.append(sum)
        }
      }
      let room = Int8Rows.byteCount(rows: rows, columns: inputs)
      try withUnsafeTemporaryAllocation(byteCount: room, alignment: 64) { memory in
        let quantized = Int8Rows(
          quantizing: x, rows: rows, columns: inputs, grid: .affine, shared: true, in: try #require(memory.baseAddress),
          instructionSet: instructionSet)
        #expect(layer.integerSums(of: quantized) == expected)
        var y = [Float](repeating: 0, count: rows * outputs)
        layer.apply(to: quantized, into: &y)
        #expect(y == expected.map { Float($0) })
        layer.apply(to: quantized, activation: .relu, into: &y)
        #expect(y == expected.map { Float(max(0, $0)) })
      }
    }
  }

  @Test func operandsThatDoNotFit() {
    #expect(throws: TensorError.self) { try PackedInt8Weight([1, 2, 3], scales: [1, 1], bias: nil, inputs: 2) }
    #expect(throws: TensorError.self) { try PackedInt8Weight([1, 2], scales: [1, 1], bias: [0], inputs: 1) }
    #expect(throws: TensorError.self) {
      try PackedInt8Weight([Int8](repeating: 1, count: 66_312), scales: [1], bias: nil, inputs: 66_312)
    }
    #expect(throws: TensorError.self) { try OneDNN(library: "/no/such/libdnnl.so") }
  }
}
