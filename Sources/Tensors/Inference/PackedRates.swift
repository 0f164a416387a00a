/// Rates of the packed loops on one core, for `retort bench gemm`: a layer of 384 inputs and 1,536 outputs.
extension PackedWeight {
  /// The best of several measurements, in G operations (multiplications and additions) a second.
  public static func measure(rows: Int, repeats: Int) -> Double {
    let (inputs, outputs) = (384, 1_536)
    let values = FlatBuffer<Float>(count: inputs * outputs)
    values.fill(0.01)
    let weight = PackedWeight(values.pointer, outputs: outputs, inputs: inputs)
    let (x, y) = (FlatBuffer<Float>(count: rows * inputs), FlatBuffer<Float>(count: rows * outputs))
    x.fill(0.5)
    return bestRate(rows: rows, inputs: inputs, outputs: outputs, repeats: repeats) {
      weight.apply(to: x.pointer, rows: rows, bias: nil, into: y.pointer)
    }
  }
}

extension PackedInt8Weight {
  /// The same with integers; rows become integers inside the clock, as in a dynamically quantized model.
  public static func measure(rows: Int, repeats: Int) -> Double {
    let (inputs, outputs) = (384, 1_536)
    let values = [Int8](repeating: 3, count: inputs * outputs)
    guard
      let weight = try? PackedInt8Weight(
        values, scales: [Float](repeating: 0.01, count: outputs), bias: nil, inputs: inputs)
    else { return 0 }
    let (x, y) = (FlatBuffer<Float>(count: rows * inputs), FlatBuffer<Float>(count: rows * outputs))
    x.fill(0.5)
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: Int8Rows.byteCount(rows: rows, columns: inputs), alignment: 64)
    defer { memory.deallocate() }
    return bestRate(rows: rows, inputs: inputs, outputs: outputs, repeats: repeats) {
      let integers = Int8Rows(
        quantizing: x.pointer, rows: rows, columns: inputs, grid: .symmetric, shared: false, in: memory)
      weight.apply(to: integers, into: y.pointer)
    }
  }
}

private func bestRate(rows: Int, inputs: Int, outputs: Int, repeats: Int, _ product: () -> Void) -> Double {
  let operations = 2 * Double(rows) * Double(inputs) * Double(outputs)
  // About 20 ms a measurement, so that the clock's grain does not count.
  let count = max(1, Int(2e9 / operations))
  product()
  let clock = ContinuousClock()
  var best = Duration.seconds(3600)
  for _ in 0..<max(1, repeats) {
    best = min(best, clock.measure { for _ in 0..<count { product() } })
  }
  return operations * Double(count) / best.seconds / 1e9
}
