import CKernels

/// What sets the two sides of a pair against one another, and puts features side by side.
extension Graph {
  /// The parts side by side: [rows, c₁], [rows, c₂], … become [rows, c₁ + c₂ + …]; a part may stand there twice.
  ///
  /// - Throws: `TensorError.shape` for unlike numbers of rows, or no part.
  public func concatenate(_ parts: [Tensor<Element>]) throws(TensorError) -> Tensor<Element> {
    guard let rows = parts.first?.rows, parts.allSatisfy({ $0.rows == rows }) else {
      throw .shape(operation: "concatenate", detail: "parts of \(parts.map(\.rows)) rows")
    }
    let y = make(rows, parts.reduce(0) { $0 + $1.columns }, needsGradient: parts.contains { needsGradient($0) })
    var start = 0
    for part in parts {
      kernels.pointee.add_block(part.pointer, part.columns, y.pointer + start, y.columns, 0, rows, part.columns)
      start += part.columns
    }
    guard needsGradient(y) else { return y }
    record([y]) { graph in
      guard let dy = graph.incoming(y) else { return }
      var start = 0
      for part in parts {
        if let out = graph.outgoing(part) {
          graph.kernels.pointee.add_block(
            dy + start, y.columns, out.pointer, part.columns, out.accumulates ? 1 : 0, rows, part.columns)
        }
        start += part.columns
      }
    }
    return y
  }

  /// a ⊙ b, elementwise.
  ///
  /// - Throws: `TensorError.shape` for unlike shapes.
  public func multiply(_ a: Tensor<Element>, _ b: Tensor<Element>) throws(TensorError) -> Tensor<Element> {
    let y = try makeLike(a, b, "multiply")
    y.pointer.update(from: a.pointer, count: a.count)
    kernels.pointee.multiply(b.pointer, y.pointer, y.count)
    guard needsGradient(y) else { return y }
    record([y]) { graph in
      guard let dy = graph.incoming(y) else { return }
      for (own, other) in [(a, b), (b, a)] where graph.needsGradient(own) {
        let g = graph.scratch(y.count)
        g.update(from: dy, count: y.count)
        graph.kernels.pointee.multiply(other.pointer, g, y.count)
        graph.pass(g, to: own)
      }
    }
    return y
  }

  /// |a − b|, elementwise; where both are equal the gradient is 0.
  ///
  /// - Throws: `TensorError.shape` for unlike shapes.
  public func absoluteDifference(_ a: Tensor<Element>, _ b: Tensor<Element>) throws(TensorError) -> Tensor<Element> {
    let y = try makeLike(a, b, "absoluteDifference")
    kernels.pointee.absolute_difference(a.pointer, b.pointer, y.pointer, y.count)
    guard needsGradient(y) else { return y }
    record([y]) { graph in
      guard let dy = graph.incoming(y) else { return }
      let g = graph.scratch(y.count)
      graph.kernels.pointee.absolute_difference_backward(dy, a.pointer, b.pointer, g, y.count)
      graph.pass(g, to: a)
      graph.pass(g, to: b, factor: -1)
    }
    return y
  }

  private func makeLike(
    _ a: Tensor<Element>, _ b: Tensor<Element>, _ operation: String
  ) throws(TensorError) -> Tensor<Element> {
    guard a.rows == b.rows, a.columns == b.columns else {
      throw .shape(operation: operation, detail: "[\(a.rows), \(a.columns)] and [\(b.rows), \(b.columns)]")
    }
    return make(a.rows, a.columns, needsGradient: needsGradient(a) || needsGradient(b))
  }
}
