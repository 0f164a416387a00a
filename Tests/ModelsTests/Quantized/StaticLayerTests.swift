import Models
import RetortTesting
import Tensors
import Testing

/// A layer whose inputs have a fixed grid, on every instruction set: PyTorch's and ONNX Runtime's integers and outputs.
struct StaticLayerTests {
  private static let (inputs, outputs) = (37, 19)

  /// Quantized rows, as integers and as what a layer makes of them.
  private func run(
    _ x: [Float], _ weight: QuantizedMatrix, bias: [Float]?, on instructionSet: String? = nil,
    _ quantize: (UnsafeMutableRawPointer) -> Int8Rows
  ) throws -> (integers: [Int32], sums: [Int32], y: [Float], scales: [Float]) {
    let rows = x.count / weight.columns
    let layer = try PackedInt8Weight(
      weight.values, scales: weight.scales, bias: bias, inputs: weight.columns, instructionSet: instructionSet)
    let bytes = Int8Rows.byteCount(rows: rows, columns: weight.columns)
    return try withUnsafeTemporaryAllocation(byteCount: bytes, alignment: 64) { memory in
      let quantized = quantize(try #require(memory.baseAddress))
      var y = [Float](repeating: 0, count: rows * weight.rows)
      layer.apply(to: quantized, into: &y)
      let integers = (0..<rows).flatMap { row in
        (0..<weight.columns).map { Int32(quantized.values[row * quantized.stride + $0]) }
      }
      return (integers, layer.integerSums(of: quantized), y, (0..<rows).map { quantized.scales[$0] })
    }
  }

  private func weight(_ grid: Int8Convention.WeightGrid, _ shared: Int8Convention.WeightGranularity = .row) throws
    -> QuantizedMatrix
  {
    try Golden("int8").floats("weight").withUnsafeBufferPointer {
      try QuantizedMatrix(
        quantizing: $0, columns: Self.inputs, convention: Int8Convention(weights: grid, weightGranularity: shared))
    }
  }

  @Test(arguments: Int8Kernels.instructionSets)
  func staticIsPyTorchsAndONNXRuntimes(instructionSet: String) throws {
    let (golden, layer) = (try Golden("quantization"), try Golden("int8"))
    let (x, bias) = (try layer.floats("mixed.x"), try layer.floats("bias"))
    let range = try ValueRange(of: golden.floats("calibration"))
    for (name, isReduced) in [("full", false), ("reduced", true)] {
      let grid = try Int8Convention.fixed(reducesRange: isReduced).activationGrid(over: range)
      let found = try run(x, weight(.full), bias: bias, on: instructionSet) {
        Int8Rows(
          quantizing: x, rows: 7, columns: Self.inputs, grid: .affine, scale: grid.scale, zero: grid.zero,
          isReduced: isReduced, in: $0, instructionSet: instructionSet)
      }
      #expect(try found.integers == golden.integers("torch.static.\(name).q"))
      #expect(relativeDifference(found.y, try golden.floats("torch.static.\(name).y")) < 1e-5)
    }
    let grid = try Int8Convention.fixed().activationGrid(over: range)
    for (name, shared) in [("channel", Int8Convention.WeightGranularity.row), ("tensor", .tensor)] {
      let found = try run(x, weight(.narrow, shared), bias: bias, on: instructionSet) {
        Int8Rows(
          quantizing: x, rows: 7, columns: Self.inputs, grid: .affine, scale: grid.scale, zero: grid.zero, in: $0,
          instructionSet: instructionSet)
      }
      #expect(relativeDifference(found.y, try golden.floats("onnx.\(name).static.y")) < 1e-5)
    }
  }

  @Test(arguments: Int8Kernels.instructionSets)
  func dynamicIsPyTorchsAndONNXRuntimes(instructionSet: String) throws {
    let (golden, layer) = (try Golden("quantization"), try Golden("int8"))
    let (x, bias) = (try layer.floats("mixed.x"), try layer.floats("bias"))
    func dynamic(_ weight: QuantizedMatrix, isReduced: Bool = false) throws -> [Float] {
      try run(x, weight, bias: bias, on: instructionSet) {
        Int8Rows(
          quantizing: x, rows: 7, columns: Self.inputs, grid: .affine, shared: true, isReduced: isReduced, in: $0,
          instructionSet: instructionSet)
      }.y
    }
    for (name, isReduced) in [("full", false), ("reduced", true)] {
      let y = try dynamic(weight(.full), isReduced: isReduced)
      #expect(relativeDifference(y, try golden.floats("torch.dynamic.\(name).y")) < 1e-5)
    }
    for (name, shared) in [("channel", Int8Convention.WeightGranularity.row), ("tensor", .tensor)] {
      let y = try dynamic(weight(.narrow, shared))
      #expect(relativeDifference(y, try golden.floats("onnx.\(name).dynamic.y")) < 1e-5)
    }
  }

  /// The kernel's integers are the primitive's, and its outputs a product in double of what they stand for.
  @Test(arguments: Int8Kernels.instructionSets, Int8Convention.Grid.allCases)
  func integersStandForTheProduct(instructionSet: String, grid: Int8Convention.Grid) throws {
    for seed in 0..<12 {
      var dice = Dice(UInt64(seed))
      let (rows, inputs, outputs) = (5, 1 + seed * 7, 18)
      let x = (0..<rows * inputs).map { _ in Float.random(in: -2...3, using: &dice) }
      let weights = (0..<outputs * inputs).map { _ in Float.random(in: -1...1, using: &dice) }
      let bias = (0..<outputs).map { _ in Float.random(in: -1...1, using: &dice) }
      for isReduced in [false, true] {
        let convention = Int8Convention.fixed(
          grid: grid, reducesRange: isReduced, weights: seed % 2 == 0 ? .narrow : .full)
        let matrix = try weights.withUnsafeBufferPointer {
          try QuantizedMatrix(quantizing: $0, columns: inputs, convention: convention)
        }
        // Narrower than the numbers, so that some are clipped.
        let fixed = try convention.activationGrid(over: ValueRange(-1.5, 2.5))
        let found = try run(x, matrix, bias: bias, on: instructionSet) {
          Int8Rows(
            quantizing: x, rows: rows, columns: inputs, grid: grid == .affine ? .affine : .symmetric,
            scale: fixed.scale, zero: fixed.zero, isReduced: isReduced, in: $0, instructionSet: instructionSet)
        }
        let shift: Int32 = grid == .symmetric ? 128 : 0
        #expect(found.integers == x.map { fixed.integer(of: $0) + shift })
        let floats = matrix.floats
        var expected: [Double] = []
        for row in 0..<rows {
          for output in 0..<outputs {
            var sum = Double(bias[output])
            for k in 0..<inputs {
              sum += Double(fixed.nearest(to: x[row * inputs + k])) * Double(floats[output * inputs + k])
            }
            expected.append(sum)
          }
        }
        #expect(relativeDifference(found.y, expected) <= 1e-4)
      }
    }
  }

  /// Where the fixed range is the range of the numbers, static and dynamic are the same bits.
  @Test(arguments: [Int8Grid.symmetric, .affine], [false, true])
  func staticEqualsDynamicOnEqualRanges(grid: Int8Grid, isReduced: Bool) throws {
    let layer = try Golden("int8")
    for name in ["mixed", "positive", "negative"] {
      let x = try layer.floats("\(name).x")
      let convention = Int8Convention.fixed(grid: grid == .affine ? .affine : .symmetric, reducesRange: isReduced)
      let fixed = try convention.activationGrid(over: ValueRange(of: x))
      let weight = try weight(.narrow)
      let dynamic = try run(x, weight, bias: nil) {
        Int8Rows(
          quantizing: x, rows: 7, columns: Self.inputs, grid: grid, shared: true, isReduced: isReduced, in: $0)
      }
      let same = try run(x, weight, bias: nil) {
        Int8Rows(
          quantizing: x, rows: 7, columns: Self.inputs, grid: grid, scale: fixed.scale, zero: fixed.zero,
          isReduced: isReduced, in: $0)
      }
      #expect(dynamic.scales == same.scales && dynamic.integers == same.integers && dynamic.y == same.y)
    }
  }

  /// The longest sums of the largest products stay in 32 bits; one input more is refused.
  @Test(arguments: Int8Kernels.instructionSets, [(Int8(127), 66_311), (-128, 65_793)])
  func theLargestSums(instructionSet: String, given: (weight: Int8, inputs: Int)) throws {
    #expect(PackedInt8Weight.longestInput(largestWeight: Int(given.weight.magnitude)) == given.inputs)
    let matrix = { inputs in [Int8](repeating: given.weight, count: 2 * inputs) }
    let layer = try PackedInt8Weight(
      matrix(given.inputs), scales: [1, 1], bias: nil, inputs: given.inputs, instructionSet: instructionSet)
    let x = [Float](repeating: 255, count: given.inputs)
    let bytes = Int8Rows.byteCount(rows: 1, columns: given.inputs)
    try withUnsafeTemporaryAllocation(byteCount: bytes, alignment: 64) { memory in
      let rows = Int8Rows(
        quantizing: x, rows: 1, columns: given.inputs, grid: .affine, scale: 1, zero: 0,
        in: try #require(memory.baseAddress), instructionSet: instructionSet)
      let sum = 255 * Int64(given.weight) * Int64(given.inputs)
      #expect(Int64(Int32.max) - abs(sum) < 255 * 128)
      #expect(layer.integerSums(of: rows).map { Int64($0) } == [sum, sum])
      var y: [Float] = [0, 0]
      layer.apply(to: rows, into: &y)
      #expect(y == [Float(sum), Float(sum)])
    }
    #expect(throws: TensorError.self) {
      try PackedInt8Weight(matrix(given.inputs + 1), scales: [1, 1], bias: nil, inputs: given.inputs + 1)
    }
  }
}
