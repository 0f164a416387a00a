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
    let derivative = recorded && activation.keepsDerivative ? arena.allocate(Element.self, y.count) : nil
    multiply(
      LinearShape(rows: x.rows, inputs: x.columns, outputs: weight.rows), x.pointer, by: weight.pointer,
      bias: bias.map { UnsafePointer($0.pointer) }, activation: activation, into: y.pointer, derivative: derivative)
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
    let shape = LinearShape(rows: x.rows, inputs: x.columns, outputs: weight.rows)
    if let dx = outgoing(x) { addInputGradient(shape, g, by: weight.pointer, to: dx) }
    if let dw = outgoing(weight) { addWeightGradient(shape, g, by: x.pointer, to: dw) }
    if let db = outgoingZeroed(bias) { kernels.pointee.add_column_sums(g, db, y.rows, y.columns) }
  }
}
