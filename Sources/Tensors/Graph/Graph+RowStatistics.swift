import CKernels

/// What losses on hidden states compare instead of the states themselves. All work row by row.
extension Graph {
  /// Each row over its length ‖x‖, which counts as 10⁻¹² at least: [rows, columns].
  public func unitRows(_ x: Tensor<Element>) -> Tensor<Element> {
    let y = make(x.rows, x.columns, needsGradient: needsGradient(x))
    y.pointer.update(from: x.pointer, count: x.count)
    let lengths = (0..<x.rows).map { row in
      max(kernels.pointee.squared_norm(x.pointer + row * x.columns, x.columns).squareRoot(), 1e-12)
    }
    for row in 0..<x.rows { kernels.pointee.scale(y.pointer + row * x.columns, 1 / lengths[row], x.columns) }
    guard needsGradient(y) else { return y }
    record([y]) { graph in
      guard let dy = graph.incoming(y), let dx = graph.outgoingZeroed(x) else { return }
      for row in 0..<x.rows {
        let start = row * x.columns
        let along = graph.kernels.pointee.dot(dy + start, y.pointer + start, x.columns)
        graph.kernels.pointee.add(dy + start, 1 / lengths[row], dx + start, x.columns)
        graph.kernels.pointee.add(y.pointer + start, -along / lengths[row], dx + start, x.columns)
      }
    }
    return y
  }

  /// Each row less its mean, over its deviation: a layer norm without weight and bias, [rows, columns].
  public func standardRows(_ x: Tensor<Element>, epsilon: Double) throws(TensorError) -> Tensor<Element> {
    let ones = try constant([Element](repeating: 1, count: x.columns), rows: 1, columns: x.columns)
    let zeros = try constant([Element](repeating: 0, count: x.columns), rows: 1, columns: x.columns)
    return try layerNorm(x, weight: ones, bias: zeros, epsilon: epsilon)
  }

  /// The mean of each row: [rows, 1].
  public func rowMeans(_ x: Tensor<Element>) -> Tensor<Element> {
    let y = make(x.rows, 1, needsGradient: needsGradient(x))
    let inverse = 1 / Double(max(1, x.columns))
    for row in 0..<x.rows { y.pointer[row] = Element(mean(x, row)) }
    guard needsGradient(y) else { return y }
    record([y]) { graph in
      guard let dy = graph.incoming(y), let dx = graph.outgoingZeroed(x) else { return }
      for row in 0..<x.rows {
        let share = dy[row] * Element(inverse)
        for place in row * x.columns..<(row + 1) * x.columns { dx[place] += share }
      }
    }
    return y
  }

  /// The biased variance of each row: [rows, 1].
  public func rowVariances(_ x: Tensor<Element>) -> Tensor<Element> {
    let y = make(x.rows, 1, needsGradient: needsGradient(x))
    let inverse = 1 / Double(max(1, x.columns))
    let means = (0..<x.rows).map { mean(x, $0) }
    for row in 0..<x.rows {
      var total = 0.0
      for place in row * x.columns..<(row + 1) * x.columns {
        let distance = Double(x.pointer[place]) - means[row]
        total += distance * distance
      }
      y.pointer[row] = Element(total * inverse)
    }
    guard needsGradient(y) else { return y }
    record([y]) { graph in
      guard let dy = graph.incoming(y), let dx = graph.outgoingZeroed(x) else { return }
      for row in 0..<x.rows {
        let factor = 2 * inverse * Double(dy[row])
        for place in row * x.columns..<(row + 1) * x.columns {
          dx[place] += Element(factor * (Double(x.pointer[place]) - means[row]))
        }
      }
    }
    return y
  }

  private func mean(_ x: Tensor<Element>, _ row: Int) -> Double {
    kernels.pointee.sum(x.pointer + row * x.columns, x.columns) / Double(max(1, x.columns))
  }
}
