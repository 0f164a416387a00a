import CKernels

extension Graph {
  /// Some matrices of as many rows side by side: [rows, Σ columns].
  public func besides(_ parts: [Tensor<Element>]) throws(TensorError) -> Tensor<Element> {
    let rows = parts.first?.rows ?? 0
    guard parts.allSatisfy({ $0.rows == rows }) else {
      throw .shape(operation: "besides", detail: "the parts have \(parts.map(\.rows)) rows")
    }
    let y = make(rows, parts.reduce(0) { $0 + $1.columns }, needsGradient: parts.contains { needsGradient($0) })
    var start = 0
    for part in parts {
      for row in 0..<rows {
        (y.pointer + row * y.columns + start).update(from: part.pointer + row * part.columns, count: part.columns)
      }
      start += part.columns
    }
    guard needsGradient(y) else { return y }
    record([y]) { graph in
      guard let dy = graph.incoming(y) else { return }
      var start = 0
      for part in parts {
        if let dx = graph.outgoingZeroed(part) {
          for row in 0..<rows {
            graph.kernels.pointee.add(dy + row * y.columns + start, 1, dx + row * part.columns, part.columns)
          }
        }
        start += part.columns
      }
    }
    return y
  }

  /// Some neighbouring columns of x: [rows, range.count].
  public func columns(_ x: Tensor<Element>, _ range: Range<Int>) throws(TensorError) -> Tensor<Element> {
    guard range.lowerBound >= 0, range.upperBound <= x.columns else {
      throw .shape(operation: "columns", detail: "\(range) of \(x.columns) columns")
    }
    let y = make(x.rows, range.count, needsGradient: needsGradient(x))
    for row in 0..<x.rows {
      (y.pointer + row * y.columns).update(from: x.pointer + row * x.columns + range.lowerBound, count: y.columns)
    }
    guard needsGradient(y) else { return y }
    record([y]) { graph in
      guard let dy = graph.incoming(y), let dx = graph.outgoingZeroed(x) else { return }
      for row in 0..<x.rows {
        graph.kernels.pointee.add(dy + row * y.columns, 1, dx + row * x.columns + range.lowerBound, y.columns)
      }
    }
    return y
  }
}
