import Foundation
import Models
import RetortTesting
import Testing

/// Grids of integers: published figures, PyTorch's and ONNX Runtime's own numbers, and what must hold of any numbers.
struct UniformGridTests {
  private static let kinds = UniformGrid.Kind.allCases

  private func integers(_ values: [Float], _ quantizer: UniformQuantizer, columns: Int? = nil) throws -> [Int32] {
    let quantized = try quantizer.quantize(values, columns: columns)
    return values.indices.map { quantized[$0] }
  }

  /// techniques.md §11.1, and half to even on both sides.
  @Test func publishedFigures() throws {
    #expect(try integers([-1, 0.3, 0.5, 0.004], UniformQuantizer(.symmetric)) == [-127, 38, 64, 1])
    let affine = try UniformGrid(.affine, over: ValueRange(-1, 3))
    #expect(abs(Double(affine.scale) - 0.0156862745) < 1e-9 && affine.zero == 64 && affine.integers == 0...255)
    // With the largest number 127 the step is 1, so that halves are exact.
    #expect(
      try integers([127, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5], UniformQuantizer(.symmetric)) == [127, 0, 2, 2, 0, -2, -2])
    let full = try UniformGrid(.symmetricFull, over: ValueRange(-127.5, 0.5))
    #expect(full.scale == 1 && full.integer(of: -127.5) == -128 && full.integer(of: 127.5) == 127)
    #expect(full.integers == -128...127)
    #expect(try UniformGrid(.affine, over: ValueRange(0, 127), bits: 7).integers == 0...127)
    #expect(try UniformGrid(.symmetric, over: ValueRange(-63, 1), bits: 7).scale == 1)
  }

  @Test func weightsArePyTorchs() throws {
    let golden = try Golden("quantization")
    let weight = try Golden("int8").floats("weight")
    for (name, granularity) in [("channel", QuantizationGranularity.channel), ("tensor", .tensor)] {
      let quantized = try UniformQuantizer(.symmetricFull, granularity: granularity).quantize(weight, columns: 37)
      #expect(try weight.indices.map { quantized[$0] } == golden.integers("torch.\(name).q"))
      let scales = try golden.floats("torch.\(name).scale")
      // PyTorch gives a row of zeros the least step; here it is 1, and the integers are 0 either way.
      for (row, scale) in scales.enumerated() where !(name == "channel" && row == 4) {
        #expect(quantized.grids[row].scale == scale)
      }
    }
  }

  @Test func weightsAreONNXRuntimes() throws {
    let golden = try Golden("quantization")
    let weight = try Golden("int8").floats("weight")
    for (name, granularity) in [("channel", QuantizationGranularity.channel), ("tensor", .tensor)] {
      let quantized = try UniformQuantizer(.symmetric, granularity: granularity).quantize(weight, columns: 37)
      #expect(try weight.indices.map { quantized[$0] } == golden.integers("onnx.\(name).q"))
      #expect(try quantized.grids.map(\.scale) == golden.floats("onnx.\(name).scale"))
    }
  }

  @Test func activationsAreBoth() throws {
    let golden = try Golden("quantization")
    let range = try ValueRange(of: golden.floats("calibration"))
    let mixed = try Golden("int8").floats("mixed.x")
    for (name, bits) in [("full", 8), ("reduced", 7)] {
      let grid = try UniformGrid(.affine, over: range, bits: bits)
      #expect(try [grid.scale] == golden.floats("torch.static.\(name).scale"))
      #expect(try [grid.zero] == golden.integers("torch.static.\(name).zero"))
      #expect(try mixed.map { grid.integer(of: $0) } == golden.integers("torch.static.\(name).q"))
    }
    let grid = try UniformGrid(.affine, over: range)
    for name in ["channel", "tensor"] {
      #expect(try [grid.scale] == golden.floats("onnx.\(name).static.scale"))
      #expect(try [grid.zero] == golden.integers("onnx.\(name).static.zero"))
    }
  }

  /// Whatever the numbers: 0 is exact, the error is at most half a step inside the range, a second time changes nothing.
  @Test(arguments: kinds, 2...8)
  func anyNumbers(kind: UniformGrid.Kind, bits: Int) throws {
    for seed in 0..<40 {
      var dice = Dice(UInt64(seed))
      let size = Float(pow(10, Double.random(in: -4...4, using: &dice)))
      let shift = Float.random(in: -1...1, using: &dice)
      let values = (0..<50).map { _ in size * (shift + Float.random(in: -1...1, using: &dice)) }
      let grid = try UniformGrid(kind, over: ValueRange(of: values), bits: bits)
      #expect(grid.scale > 0 && grid.integers.contains(grid.zero))
      #expect(grid.nearest(to: 0) == 0)
      for value in values {
        let near = grid.nearest(to: value)
        #expect(abs(near - value) <= grid.scale * 0.50001, "\(kind) \(bits): \(value) becomes \(near)")
        #expect(grid.nearest(to: near) == near)
      }
      // Outside of the range the ends hold.
      for value in [1e9, Float.infinity, .greatestFiniteMagnitude] {
        #expect(grid.integer(of: value) == grid.integers.upperBound)
        #expect(grid.integer(of: -value) == grid.integers.lowerBound)
      }
      #expect(grid.integer(of: .nan) == grid.zero)
    }
  }

  @Test(arguments: kinds)
  func constantsAndZeros(kind: UniformGrid.Kind) throws {
    let zeros = try UniformQuantizer(kind).quantize([0, -0, 0])
    #expect(zeros.grids[0].scale == 1 && zeros.grids[0].zero == 0 && zeros.integers == [0, 0, 0])
    #expect(zeros.floats == [0, 0, 0])
    // The same number everywhere, a single number, numbers on one side of 0, and some too small to divide by.
    for values: [Float] in [[2.5, 2.5, 2.5], [-3], [7, 8, 9], [-9, -8]] {
      let quantized = try UniformQuantizer(kind).quantize(values)
      #expect(relativeDifference(quantized.floats, values) <= Double(quantized.grids[0].scale) * 0.50001)
    }
    #expect(try UniformQuantizer(kind).quantize([Float(1e-40 as Double)]).floats == [0])
    #expect(try UniformQuantizer(kind).quantize([]).integers.isEmpty)
  }

  @Test func whatSharesAGrid() throws {
    var dice = Dice(3)
    let (rows, columns) = (7, 5)
    let values = (0..<rows * columns).map { _ in Float.random(in: -1...1, using: &dice) }
    func steps(_ granularity: QuantizationGranularity) throws -> [Float] {
      let quantized = try UniformQuantizer(.symmetric, bits: 4, granularity: granularity).quantize(
        values, columns: columns)
      return values.indices.map { quantized.grids[$0 / quantized.run].scale }
    }
    // The oracle: the largest number of each run, found by its element's place.
    func expected(_ run: Int) -> [Float] {
      values.indices.map { index in
        let members = values.indices.filter { $0 / run == index / run }
        return members.reduce(Float(0)) { max($0, abs(values[$1])) } / 7
      }
    }
    #expect(try steps(.tensor) == expected(rows * columns))
    #expect(try steps(.channel) == expected(columns))
    #expect(try steps(.group(rows: 3)) == expected(3 * columns))
    #expect(try steps(.bucket(elements: 8)) == expected(8))
    // A finer cut never makes a step larger.
    for (coarse, fine) in [
      (QuantizationGranularity.tensor, QuantizationGranularity.group(rows: 4)), (.group(rows: 4), .group(rows: 2)),
      (.group(rows: 2), .channel), (.channel, .bucket(elements: 5)),
    ] { #expect(try zip(steps(coarse), steps(fine)).allSatisfy { $0 >= $1 }) }
    #expect(try steps(.group(rows: 100)) == steps(.tensor))
  }

  @Test func whatIsRefused() {
    for bad in [Float.nan, .infinity, -.infinity] {
      #expect(code { _ = try UniformQuantizer(.symmetric).quantize([1, bad]) } == "quantize.notFinite")
      #expect(code { _ = try ValueRange(bad, 1) } == "quantize.notFinite")
    }
    #expect(
      code { _ = try ValueRange(-Float.greatestFiniteMagnitude, .greatestFiniteMagnitude) } == "quantize.notFinite")
    for bits in [1, 9, -3] {
      #expect(code { _ = try UniformQuantizer(.affine, bits: bits).quantize([1]) } == "quantize.bits")
    }
    for granularity in [QuantizationGranularity.group(rows: 0), .bucket(elements: -1)] {
      #expect(
        code { _ = try UniformQuantizer(.affine, granularity: granularity).quantize([1]) } == "quantize.granularity")
    }
    #expect(code { _ = try UniformQuantizer(.affine).quantize([1, 2, 3], columns: 2) } == "quantize.shape")
    #expect(code { _ = try UniformQuantizer(.affine).quantize([1], columns: 0) } == "quantize.shape")
  }
}
