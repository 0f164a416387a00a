import CKernels

extension Graph {
  /// activation(x · Wᵀ + bias): x [rows, in], weight [out, in] as in PyTorch, bias [out]; the result is [rows, out].
  ///
  /// The weight may be any tensor (tied embeddings, fake-quantised values).
  public func linear(
    _ x: Tensor<Element>, weight: Tensor<Element>, bias: Tensor<Element>?, activation: Activation = .identity
  ) throws(TensorError) -> Tensor<Element> {
    guard x.columns == weight.columns, bias.map({ $0.count == weight.rows }) ?? true else {
      let wanted = "x [\(x.rows), \(x.columns)] · weight [\(weight.rows), \(weight.columns)]ᵀ"
      throw .shape(operation: "linear", detail: "\(wanted) + bias [\(bias?.count ?? 0)] does not fit")
    }
    let needs = needsGradient(x) || needsGradient(weight) || needsGradient(bias)
    let y = make(x.rows, weight.rows, needsGradient: needs)
    Element.multiply(
      blas, MatrixProduct(rows: x.rows, columns: weight.rows, depth: x.columns, transposesRight: true), alpha: 1,
      x.pointer, weight.pointer, beta: 0, y.pointer)
    let recorded = needs && isRecording
    let derivative = recorded && activation == .gelu ? arena.allocate(Element.self, y.count) : nil
    if bias != nil || activation != .identity {
      kernels.pointee.bias_activation(y.pointer, bias?.pointer, derivative, activation.code, y.rows, y.columns)
    }
    guard recorded else { return y }
    record([y]) { graph in
      graph.linearBackward(x, weight: weight, bias: bias, y: y, derivative: derivative, activation: activation)
    }
    return y
  }

  private func linearBackward(
    _ x: Tensor<Element>, weight: Tensor<Element>, bias: Tensor<Element>?, y: Tensor<Element>,
    derivative: UnsafeMutablePointer<Element>?, activation: Activation
  ) {
    guard let dy = incoming(y) else { return }
    var g = dy
    if activation != .identity {
      // The kept derivative is used once, so it makes room for the product; else dy does, unless it is to be kept.
      g = derivative ?? (keepsGradients ? scratch(y.count) : dy)
      kernels.pointee.activation_backward(dy, derivative ?? y.pointer, g, activation.code, y.count)
    }
    if let dx = outgoing(x) {
      Element.multiply(
        blas, MatrixProduct(rows: x.rows, columns: x.columns, depth: y.columns), alpha: 1, g, weight.pointer,
        beta: dx.accumulates ? 1 : 0, dx.pointer)
    }
    if let dw = outgoing(weight) {
      Element.multiply(
        blas, MatrixProduct(rows: weight.rows, columns: weight.columns, depth: x.rows, transposesLeft: true), alpha: 1,
        g, x.pointer, beta: dw.accumulates ? 1 : 0, dw.pointer)
    }
    if let db = outgoing(bias) {
      if !db.accumulates { kernels.pointee.fill(db.pointer, 0, y.columns) }
      kernels.pointee.add_column_sums(g, db.pointer, y.rows, y.columns)
    }
  }
}
