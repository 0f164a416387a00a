import CKernels

extension Graph {
  /// (x + residual) · weight + bias, column by column: what stands for a layer norm in MobileBERT (Sun et al. 2020, §3.2).
  ///
  /// x and residual are [rows, columns]; weight and bias [columns].
  public func scaleShift(
    _ x: Tensor<Element>, residual: Tensor<Element>? = nil, weight: Tensor<Element>, bias: Tensor<Element>
  ) throws(TensorError) -> Tensor<Element> {
    let sum = if let residual { try add(x, residual) } else { x }
    guard weight.count == x.columns, bias.count == x.columns else {
      throw .shape(operation: "scaleShift", detail: "the operands do not fit x [\(x.rows), \(x.columns)]")
    }
    let needs = [sum, weight, bias].contains { needsGradient($0) }
    let y = make(x.rows, x.columns, needsGradient: needs)
    for row in 0..<x.rows {
      let start = row * x.columns
      for column in 0..<x.columns {
        y.pointer[start + column] = sum.pointer[start + column] * weight.pointer[column] + bias.pointer[column]
      }
    }
    guard needsGradient(y) else { return y }
    record([y]) { graph in
      guard let dy = graph.incoming(y) else { return }
      if let db = graph.outgoingZeroed(bias) { graph.kernels.pointee.add_column_sums(dy, db, y.rows, y.columns) }
      if let dw = graph.outgoingZeroed(weight) {
        for place in 0..<y.count { dw[place % y.columns] += dy[place] * sum.pointer[place] }
      }
      if let dx = graph.outgoingZeroed(sum) {
        for place in 0..<y.count { dx[place] += dy[place] * weight.pointer[place % y.columns] }
      }
    }
    return y
  }
}
