import CKernels

extension Graph {
  /// Sets a share `rate` of the elements to 0 and divides the others by 1 − rate; x itself where dropout is off.
  ///
  /// - Parameter firstRow: whole-batch number of x's first row: masks do not depend on how the batch is cut.
  public func dropout(_ x: Tensor<Element>, rate: Double, firstRow: Int) throws(TensorError) -> Tensor<Element> {
    let mask = try nextDropout(rate: rate, firstRow: firstRow)
    guard mask.rate > 0 else { return x }
    let y = make(x.rows, x.columns, needsGradient: needsGradient(x))
    y.pointer.update(from: x.pointer, count: x.count)
    withUnsafePointer(to: mask) { kernels.pointee.dropout(y.pointer, $0, x.rows, x.columns) }
    guard needsGradient(x) else { return y }
    record([y]) { graph in
      guard let dy = graph.incoming(y), let dx = graph.outgoing(x) else { return }
      let g = dx.accumulates || graph.keepsGradients ? graph.scratch(x.count) : dx.pointer
      g.update(from: dy, count: x.count)
      withUnsafePointer(to: mask) { graph.kernels.pointee.dropout(g, $0, x.rows, x.columns) }
      if dx.accumulates {
        graph.kernels.pointee.add(g, 1, dx.pointer, x.count)
      } else if g != dx.pointer {
        dx.pointer.update(from: g, count: x.count)
      }
    }
    return y
  }

  /// a + b, elementwise.
  public func add(_ a: Tensor<Element>, _ b: Tensor<Element>) throws(TensorError) -> Tensor<Element> {
    guard a.rows == b.rows, a.columns == b.columns else {
      throw .shape(operation: "add", detail: "[\(a.rows), \(a.columns)] + [\(b.rows), \(b.columns)]")
    }
    let y = make(a.rows, a.columns, needsGradient: needsGradient(a) || needsGradient(b))
    y.pointer.update(from: a.pointer, count: a.count)
    kernels.pointee.add(b.pointer, 1, y.pointer, y.count)
    guard needsGradient(y) else { return y }
    record([y]) { graph in
      guard let dy = graph.incoming(y) else { return }
      graph.pass(dy, to: a)
      graph.pass(dy, to: b)
    }
    return y
  }

  /// factor · x.
  public func scale(_ x: Tensor<Element>, by factor: Double) -> Tensor<Element> {
    let y = make(x.rows, x.columns, needsGradient: needsGradient(x))
    y.pointer.update(from: x.pointer, count: x.count)
    kernels.pointee.scale(y.pointer, factor, y.count)
    guard needsGradient(y) else { return y }
    record([y]) { graph in
      guard let dy = graph.incoming(y) else { return }
      graph.pass(dy, to: x, factor: factor)
    }
    return y
  }
}
