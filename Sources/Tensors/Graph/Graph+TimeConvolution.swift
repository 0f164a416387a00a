import CKernels

/// What a convolution over time gives: one row a window.
public struct TimeConvolution<Element: TensorElement> {
  /// [windows, filters].
  public let values: Tensor<Element>
  /// Sequence s has the windows `offsets[s] ..< offsets[s + 1]`, one at the least.
  public let offsets: [Int32]
}

extension Graph {
  /// activation(filter · window + bias) for each window of `width` tokens inside each packed sequence (Kim 2014).
  ///
  /// A sequence of n tokens has n − width + 1 windows. One that is shorter than the width is filled up with rows of 0 and
  /// has one window, also where it is empty; no other window ever reads a row that is not the sequence's.
  ///
  /// - Parameters:
  ///   - x: [tokens, inputs].
  ///   - weight: [filters, inputs · width]: an `nn.Conv1d`'s [filters, inputs, width].
  ///   - bias: [filters].
  ///   - offsets: sequence s has the rows `offsets[s] ..< offsets[s + 1]`.
  /// - Throws: `TensorError.shape` for operands that do not fit, `TensorError.option` for a width below 1.
  public func timeConvolution(
    _ x: Tensor<Element>, weight: Tensor<Element>, bias: Tensor<Element>?, width: Int, offsets: [Int32],
    activation: Activation = .identity
  ) throws(TensorError) -> TimeConvolution<Element> {
    guard width > 0 else { throw .option(operation: "timeConvolution", name: "width", value: Double(width)) }
    let lengths = try Self.lengths(offsets: offsets, rows: x.rows, "timeConvolution")
    let window = weight.columns
    guard x.columns > 0, window % width == 0, window / width == x.columns, bias.map({ $0.count == weight.rows }) ?? true
    else {
      let operands = "x [\(x.rows), \(x.columns)], weight [\(weight.rows), \(window)], bias [\(bias?.count ?? 0)]"
      throw .shape(operation: "timeConvolution", detail: "\(operands) do not fit the width \(width)")
    }
    var ends: [Int32] = [0]
    var count = 0
    for length in lengths {
      count += max(length - width, 0) + 1
      ends.append(Int32(truncatingIfNeeded: count))
    }
    let y = make(count, weight.rows, needsGradient: [x, weight].contains { needsGradient($0) } || needsGradient(bias))
    let shape = WindowShape(width: width, offsets: offsets, sequences: lengths.count)
    let windows = scratch(count * window + weight.count)
    gather(x, shape, windows)
    let filters = windows + count * window
    kernels.pointee.swap_axes(weight.pointer, filters, 0, weight.rows, x.columns, width)
    let derivative =
      needsGradient(y) && activation.keepsDerivative ? arena.allocate(Element.self, y.count) : nil
    multiply(
      LinearShape(rows: count, inputs: window, outputs: weight.rows), windows, by: filters,
      bias: bias.map { UnsafePointer($0.pointer) }, activation: activation, into: y.pointer, derivative: derivative)
    let result = TimeConvolution(values: y, offsets: ends)
    guard needsGradient(y) else { return result }
    record([y]) { graph in
      graph.convolutionBackward(x, weight, bias, y, shape, derivative ?? y.pointer, activation)
    }
    return result
  }

  private struct WindowShape {
    var width: Int
    var offsets: [Int32]
    var sequences: Int
  }

  /// Windows [·, width · inputs], time step by time step.
  private func gather(_ x: Tensor<Element>, _ shape: WindowShape, _ windows: UnsafeMutablePointer<Element>) {
    kernels.pointee.gather_windows(x.pointer, shape.offsets, shape.sequences, shape.width, windows, x.columns)
  }

  /// Windows are gathered again rather than kept: that reads x once more, but keeping them takes `width` times its room.
  private func convolutionBackward(
    _ x: Tensor<Element>, _ weight: Tensor<Element>, _ bias: Tensor<Element>?, _ y: Tensor<Element>,
    _ shape: WindowShape, _ state: UnsafeMutablePointer<Element>, _ activation: Activation
  ) {
    guard let dy = incoming(y) else { return }
    let window = weight.columns
    let windows = scratch(y.rows * window + weight.count + y.count)
    let filters = windows + y.rows * window
    let g = filters + weight.count
    kernels.pointee.activation_backward(dy, state, g, activation.code, y.count)
    let product = LinearShape(rows: y.rows, inputs: window, outputs: weight.rows)
    if let dw = outgoing(weight) {
      gather(x, shape, windows)
      addWeightGradient(product, g, by: windows, to: (filters, false))
      kernels.pointee.swap_axes(filters, dw.pointer, dw.accumulates ? 1 : 0, weight.rows, shape.width, x.columns)
    }
    if let dx = outgoingZeroed(x) {
      kernels.pointee.swap_axes(weight.pointer, filters, 0, weight.rows, x.columns, shape.width)
      addInputGradient(product, g, by: filters, to: (windows, false))
      kernels.pointee.scatter_add_windows(
        windows, shape.offsets, shape.sequences, shape.width, dx, x.columns)
    }
    if let db = outgoingZeroed(bias) { kernels.pointee.add_column_sums(g, db, y.rows, y.columns) }
  }
}
