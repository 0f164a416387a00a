import Artifacts
import Tensors

// Products of integers: how activations come on their grid, and how sums become real numbers.
extension QuantizedONNXWeights {
  /// A product's weight, as it lies in the graph.
  struct Factor {
    /// i8 [inputs, outputs].
    var weight: String
    /// f32: one, or one an output.
    var scales: String
    /// The integers' sums over the inputs, one an output; asked for by conventions that need them.
    var sums: () -> [Int32]
    /// The layer whose calibrated inputs these are.
    var layer: String
  }

  /// s_x · s_w · Σ (q_x − z_x) · q_w: x [batch, length, inputs] times a weight.
  func product(of x: String, with factor: Factor, as name: String, in graph: inout ONNXGraph) throws -> String {
    if let range = checkpoint.ranges[factor.layer] {
      let grid = try checkpoint.convention.activationGrid(over: range)
      return staticProduct(of: x, with: factor, on: grid, as: name, in: &graph)
    }
    let integers = quantize(x, as: "\(name).input", in: &graph)
    var sums = graph.add(
      "MatMulInteger", [integers.values, factor.weight, integers.zero], as: "\(name)/MatMulInteger")
    if let shift = integers.shift {
      let values = factor.sums()
      let stored = graph.store(StoredTensor("\(name).weight.sum", shape: [values.count], int32: values))
      sums = graph.add("Sub", [sums, graph.add("Mul", [shift, stored], as: "\(name)/shift")], as: "\(name)/Sub")
    }
    let numbers = graph.cast(sums, to: .f32, as: "\(name)/Cast")
    if integers.isRowwise {
      // One after the other: ONNX Runtime takes a product of both scales for one number, and would use the first row's.
      let columns = graph.add("Mul", [numbers, factor.scales], as: "\(name)/columns")
      return graph.add("Mul", [columns, integers.scale], as: "\(name)/Mul")
    }
    let scale = graph.add("Mul", [integers.scale, factor.scales], as: "\(name)/scale")
    return graph.add("Mul", [numbers, scale], as: "\(name)/Mul")
  }
}

// MARK: Dynamic scales

extension QuantizedONNXWeights {
  /// Activations as a product of integers takes them.
  private struct Integers {
    /// u8, of the activations' shape.
    var values: String
    /// f32, a scalar or [batch, length, 1].
    var scale: String
    var isRowwise = false
    /// A u8 scalar.
    var zero: String
    /// i32 zero points [batch, length, 1] that the product does not take off itself.
    var shift: String?
  }

  private func quantize(_ x: String, as name: String, in graph: inout ONNXGraph) -> Integers {
    let isSame = convention.granularity == .tensor && convention.grid == .affine
    if !convention.reducesRange, isSame || activations == .standard {
      let outputs = graph.add(
        "DynamicQuantizeLinear", [x], as: "\(name)/DynamicQuantizeLinear",
        outputs: ["quantized", "scale", "zero"].map { "\(name)/\($0)" })
      return Integers(values: outputs[0], scale: outputs[1], zero: outputs[2])
    }
    return convention.grid == .symmetric
      ? symmetric(x, as: name, in: &graph) : affine(x, as: name, in: &graph)
  }

  /// round(x · (1 / scale)) + 128 with scale = max|x| / top.
  private func symmetric(_ x: String, as name: String, in graph: inout ONNXGraph) -> Integers {
    let sizes = graph.add("Abs", [x], as: "\(name)/Abs")
    let bound = reduce("ReduceMax", sizes, as: name, in: &graph)
    let scale = step(bound, top: convention.reducesRange ? 63 : 127, as: name, in: &graph)
    let inverse = graph.add("Reciprocal", [scale], as: "\(name)/Reciprocal")
    let places = graph.add("Mul", [x, inverse], as: "\(name)/Mul")
    let zero = graph.byte(128)
    let values = graph.add("QuantizeLinear", [places, graph.number(1), zero], as: "\(name)/QuantizeLinear")
    return Integers(values: values, scale: scale, isRowwise: convention.granularity == .row, zero: zero)
  }

  /// round(x / scale) + zero with scale = (max − min) / top and zero = round(−min / scale), over a range that holds 0.
  private func affine(_ x: String, as name: String, in graph: inout ONNXGraph) -> Integers {
    let top: Float = convention.reducesRange ? 127 : 255
    let nothing = graph.number(0)
    let low = graph.add("Min", [reduce("ReduceMin", x, as: name, in: &graph), nothing], as: "\(name)/low")
    let high = graph.add("Max", [reduce("ReduceMax", x, as: name, in: &graph), nothing], as: "\(name)/high")
    let range = graph.add("Sub", [high, low], as: "\(name)/range")
    let scale = step(range, top: top, as: name, in: &graph)
    let zero = graph.add(
      "Round", [graph.add("Div", [graph.add("Neg", [low], as: "\(name)/Neg"), scale], as: "\(name)/place")],
      as: "\(name)/zero")
    let places = graph.add("Round", [graph.add("Div", [x, scale], as: "\(name)/Div")], as: "\(name)/Round")
    let moved = graph.add("Add", [places, zero], as: "\(name)/Add")
    let cut = graph.add("Clip", [moved, nothing, graph.number(top)], as: "\(name)/Clip")
    let values = graph.cast(cut, to: .u8, as: "\(name)/Cast")
    let shift = graph.cast(zero, to: .i32, as: "\(name)/shift")
    return Integers(
      values: values, scale: scale, isRowwise: convention.granularity == .row, zero: graph.byte(0), shift: shift)
  }

  /// Over each row, [batch, length, 1], or over everything.
  private func reduce(_ operation: String, _ x: String, as name: String, in graph: inout ONNXGraph) -> String {
    guard convention.granularity == .row else {
      return graph.add(operation, [x], ["keepdims": .integer(0)], as: "\(name)/\(operation)")
    }
    return graph.add(operation, [x, graph.integers([-1])], as: "\(name)/\(operation)")
  }

  /// The step of a grid; zeros alone have the least that can be divided by, as any step does for them.
  private func step(_ range: String, top: Float, as name: String, in graph: inout ONNXGraph) -> String {
    let step = graph.add("Div", [range, graph.number(top)], as: "\(name)/step")
    return graph.add("Max", [step, graph.number(1e-35)], as: "\(name)/scale")
  }
}

// MARK: Static scales

extension QuantizedONNXWeights {
  /// The same on a grid that calibration fixed, in the form that runtimes read as a product of integers.
  ///
  /// Activations are u8 also on the symmetric grid, whose integers are moved up by 128 as in Retort's own products.
  private func staticProduct(
    of x: String, with factor: Factor, on grid: UniformGrid, as name: String, in graph: inout ONNXGraph
  ) -> String {
    let shift: Int32 = grid.kind == .affine ? 0 : 128
    let scale = graph.number(grid.scale)
    let zero = graph.byte(UInt8(clamping: grid.zero + shift))
    let clipped = clip(x, to: grid, as: name, in: &graph)
    let integers = graph.add("QuantizeLinear", [clipped, scale, zero], as: "\(name).input/QuantizeLinear")
    let real = graph.add("DequantizeLinear", [integers, scale, zero], as: "\(name).input/DequantizeLinear")
    let weights = graph.add(
      "DequantizeLinear", [factor.weight, factor.scales], ["axis": .integer(1)], as: "\(name).weight/DequantizeLinear")
    return graph.add("MatMul", [real, weights], as: "\(name)/MatMul")
  }

  /// Cuts off what lies outside of a grid that does not use all 256 integers.
  private func clip(_ x: String, to grid: UniformGrid, as name: String, in graph: inout ONNXGraph) -> String {
    if grid.integers == 0...255 { return x }
    let ends = [grid.integers.lowerBound, grid.integers.upperBound].map { grid.value(of: $0) }
    return graph.add("Clip", [x] + ends.map { graph.number($0) }, as: "\(name).input/Clip")
  }
}

extension ONNXGraph {
  /// A u8 scalar.
  mutating func byte(_ value: UInt8) -> String {
    store(StoredTensor("byte.\(value)", shape: [], uint8: [value]))
  }
}
