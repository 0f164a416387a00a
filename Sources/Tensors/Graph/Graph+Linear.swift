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
    let recorded = needs && isRecording
    let derivative = recorded && activation == .gelu ? arena.allocate(Element.self, y.count) : nil
    forward(x, weight, bias, activation, into: y, derivative)
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
    if let dx = outgoing(x) { inputGradient(g, weight, x, into: dx.pointer, accumulates: dx.accumulates) }
    if let dw = outgoing(weight) { weightGradient(g, x, weight, into: dw.pointer, accumulates: dw.accumulates) }
    if let db = outgoing(bias) {
      if !db.accumulates { kernels.pointee.fill(db.pointer, 0, y.columns) }
      kernels.pointee.add_column_sums(g, db.pointer, y.rows, y.columns)
    }
  }

  // MARK: Products: the machine's own loops where it has them, else BLAS

  private func forward(
    _ x: Tensor<Element>, _ weight: Tensor<Element>, _ bias: Tensor<Element>?, _ activation: Activation,
    into y: Tensor<Element>, _ derivative: UnsafeMutablePointer<Element>?
  ) {
    if let loop = kernels.pointee.linear_forward, let room = packingRoom(x, weight) {
      return loop(
        x.pointer, weight.pointer, bias?.pointer, activation.code, y.pointer, derivative, x.rows, x.columns,
        weight.rows, room)
    }
    Element.multiply(
      blas, MatrixProduct(rows: x.rows, columns: weight.rows, depth: x.columns, transposesRight: true), alpha: 1,
      x.pointer, weight.pointer, beta: 0, y.pointer)
    if bias != nil || activation != .identity {
      kernels.pointee.bias_activation(y.pointer, bias?.pointer, derivative, activation.code, y.rows, y.columns)
    }
  }

  private func inputGradient(
    _ g: UnsafeMutablePointer<Element>, _ weight: Tensor<Element>, _ x: Tensor<Element>,
    into dx: UnsafeMutablePointer<Element>, accumulates: Bool
  ) {
    if let loop = kernels.pointee.linear_input_gradient, let room = packingRoom(x, weight) {
      return loop(g, weight.pointer, dx, accumulates ? 1 : 0, x.rows, x.columns, weight.rows, room)
    }
    Element.multiply(
      blas, MatrixProduct(rows: x.rows, columns: x.columns, depth: weight.rows), alpha: 1, g, weight.pointer,
      beta: accumulates ? 1 : 0, dx)
  }

  private func weightGradient(
    _ g: UnsafeMutablePointer<Element>, _ x: Tensor<Element>, _ weight: Tensor<Element>,
    into dw: UnsafeMutablePointer<Element>, accumulates: Bool
  ) {
    if let loop = kernels.pointee.linear_weight_gradient, let room = packingRoom(x, weight) {
      return loop(g, x.pointer, dw, accumulates ? 1 : 0, x.rows, x.columns, weight.rows, room)
    }
    Element.multiply(
      blas, MatrixProduct(rows: weight.rows, columns: weight.columns, depth: x.rows, transposesLeft: true), alpha: 1,
      g, x.pointer, beta: accumulates ? 1 : 0, dw)
  }

  private func packingRoom(_ x: Tensor<Element>, _ weight: Tensor<Element>) -> UnsafeMutablePointer<Element>? {
    kernels.pointee.linear_scratch.map { packing($0(x.rows, x.columns, weight.rows)) }
  }
}
