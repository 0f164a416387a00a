import CKernels

/// The sizes of a linear layer's operands: x [rows, inputs], weight [outputs, inputs], y [rows, outputs], all dense.
struct LinearShape {
  var rows, inputs, outputs: Int
}

/// The three products of a linear layer: the machine's own loops where it has them, else BLAS.
extension Graph {
  /// y = activation(x · Wᵀ + bias); `derivative` receives GELU's, where it is not nil.
  func multiply(
    _ shape: LinearShape, _ x: UnsafePointer<Element>, by weight: UnsafePointer<Element>,
    bias: UnsafePointer<Element>? = nil, activation: Activation = .identity, into y: UnsafeMutablePointer<Element>,
    derivative: UnsafeMutablePointer<Element>? = nil
  ) {
    if let loop = kernels.pointee.linear_forward, let room = packingRoom(shape) {
      return loop(
        x, weight, bias, activation.code, y, derivative, shape.rows, shape.inputs, shape.outputs, room)
    }
    Element.multiply(
      blas, MatrixProduct(rows: shape.rows, columns: shape.outputs, depth: shape.inputs, transposesRight: true),
      alpha: 1, x, weight, beta: 0, y)
    if bias != nil || activation != .identity {
      kernels.pointee.bias_activation(y, bias, derivative, activation.code, shape.rows, shape.outputs)
    }
  }

  /// dx (+)= g · W.
  func addInputGradient(
    _ shape: LinearShape, _ g: UnsafePointer<Element>, by weight: UnsafePointer<Element>,
    to dx: (pointer: UnsafeMutablePointer<Element>, accumulates: Bool)
  ) {
    if let loop = kernels.pointee.linear_input_gradient, let room = packingRoom(shape) {
      return loop(
        g, weight, dx.pointer, dx.accumulates ? 1 : 0, shape.rows, shape.inputs, shape.outputs, room)
    }
    Element.multiply(
      blas, MatrixProduct(rows: shape.rows, columns: shape.inputs, depth: shape.outputs), alpha: 1, g, weight,
      beta: dx.accumulates ? 1 : 0, dx.pointer)
  }

  /// dW (+)= gᵀ · x.
  func addWeightGradient(
    _ shape: LinearShape, _ g: UnsafePointer<Element>, by x: UnsafePointer<Element>,
    to dw: (pointer: UnsafeMutablePointer<Element>, accumulates: Bool)
  ) {
    if let loop = kernels.pointee.linear_weight_gradient, let room = packingRoom(shape) {
      return loop(g, x, dw.pointer, dw.accumulates ? 1 : 0, shape.rows, shape.inputs, shape.outputs, room)
    }
    Element.multiply(
      blas, MatrixProduct(rows: shape.outputs, columns: shape.inputs, depth: shape.rows, transposesLeft: true),
      alpha: 1, g, x, beta: dw.accumulates ? 1 : 0, dw.pointer)
  }

  private func packingRoom(_ shape: LinearShape) -> UnsafeMutablePointer<Element>? {
    kernels.pointee.linear_scratch.map { packing($0(shape.rows, shape.inputs, shape.outputs)) }
  }
}
