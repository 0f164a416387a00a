import CKernels

extension Graph {
  /// LayerNorm(x + residual) · weight + bias over the columns (Ba et al. 2016), biased variance.
  ///
  /// x and residual are [rows, columns]; weight and bias [columns].
  public func layerNorm(
    _ x: Tensor<Element>, residual: Tensor<Element>? = nil, weight: Tensor<Element>, bias: Tensor<Element>,
    epsilon: Double
  ) throws(TensorError) -> Tensor<Element> {
    guard weight.count == x.columns, bias.count == x.columns, x.columns > 0,
      residual.map({ $0.rows == x.rows && $0.columns == x.columns }) ?? true
    else {
      throw .shape(operation: "layerNorm", detail: "the operands do not fit x [\(x.rows), \(x.columns)]")
    }
    let needs = [x, weight, bias].contains { needsGradient($0) } || needsGradient(residual)
    let y = make(x.rows, x.columns, needsGradient: needs)
    let recorded = needs && isRecording
    let normalized = recorded ? arena.allocate(Element.self, x.count) : nil
    let deviation = recorded ? arena.allocate(Element.self, x.rows) : nil
    kernels.pointee.layer_norm(
      x.pointer, residual?.pointer, weight.pointer, bias.pointer, epsilon, y.pointer, normalized, deviation, x.rows,
      x.columns)
    guard recorded else { return y }
    record([y]) { graph in
      guard let dy = graph.incoming(y) else { return }
      let (dw, db) = (graph.outgoingZeroed(weight), graph.outgoingZeroed(bias))
      // Both addends have the same gradient: it is computed into one and added to (or copied into) the other.
      let (first, second) = graph.needsGradient(x) ? (x, residual) : (residual ?? x, nil)
      guard let dx = graph.outgoing(first) else {
        let unwanted = graph.scratch(x.count)
        graph.kernels.pointee.layer_norm_backward(
          dy, normalized, deviation, weight.pointer, unwanted, 0, dw, db, x.rows, x.columns)
        return
      }
      let shared = graph.needsGradient(second)
      let sum = shared && dx.accumulates ? graph.scratch(x.count) : dx.pointer
      graph.kernels.pointee.layer_norm_backward(
        dy, normalized, deviation, weight.pointer, sum, !shared && dx.accumulates ? 1 : 0, dw, db, x.rows, x.columns)
      if shared {
        if dx.accumulates { graph.kernels.pointee.add(sum, 1, dx.pointer, x.count) }
        graph.pass(sum, to: second)
      }
    }
    return y
  }

  /// Adds a gradient to a value's own, or copies it where it is the first.
  func pass(_ gradient: UnsafePointer<Element>, to tensor: Tensor<Element>?, factor: Double = 1) {
    guard let tensor, let out = outgoing(tensor) else { return }
    if out.accumulates {
      kernels.pointee.add(gradient, factor, out.pointer, tensor.count)
    } else {
      out.pointer.update(from: gradient, count: tensor.count)
      if factor != 1 { kernels.pointee.scale(out.pointer, factor, tensor.count) }
    }
  }

  /// `outgoing` for loops that only add.
  func outgoingZeroed(_ tensor: Tensor<Element>?) -> UnsafeMutablePointer<Element>? {
    guard let tensor, let out = outgoing(tensor) else { return nil }
    if !out.accumulates { kernels.pointee.fill(out.pointer, 0, tensor.count) }
    return out.pointer
  }
}
