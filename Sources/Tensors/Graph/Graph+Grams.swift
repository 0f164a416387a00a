import CKernels

/// Gram matrices of two layers' states inside each packed sequence, one after another in one row.
extension Graph {
  /// aᵀ · b / length of each sequence (flow of solution procedure, Yim et al. 2017): per sequence [a's columns, b's].
  public func featureGram(
    _ a: Tensor<Element>, _ b: Tensor<Element>, offsets: [Int32]
  ) throws(TensorError) -> Tensor<Element> {
    try Self.lengths(offsets: offsets, rows: a.rows, "gram")
    guard a.rows == b.rows else { throw .shape(operation: "featureGram", detail: "\(a.rows) and \(b.rows) rows") }
    let lengths = zip(offsets.dropFirst(), offsets).map { Int($0 - $1) }
    let size = a.columns * b.columns
    let y = make(1, lengths.count * size, needsGradient: needsGradient(a) || needsGradient(b))
    for (sequence, length) in lengths.enumerated() {
      let start = Int(offsets[sequence])
      Element.multiply(
        blas, MatrixProduct(rows: a.columns, columns: b.columns, depth: length, transposesLeft: true),
        alpha: Element(1 / Double(max(1, length))), a.pointer + start * a.columns, b.pointer + start * b.columns,
        beta: 0, y.pointer + sequence * size)
    }
    guard needsGradient(y) else { return y }
    record([y]) { graph in
      guard let dy = graph.incoming(y) else { return }
      let (da, db) = (graph.outgoingZeroed(a), graph.outgoingZeroed(b))
      for (sequence, length) in lengths.enumerated() {
        let start = Int(offsets[sequence])
        let factor = Element(1 / Double(max(1, length)))
        if let da {
          Element.multiply(
            graph.blas, MatrixProduct(rows: length, columns: a.columns, depth: b.columns, transposesRight: true),
            alpha: factor, b.pointer + start * b.columns, dy + sequence * size, beta: 1, da + start * a.columns)
        }
        if let db {
          Element.multiply(
            graph.blas, MatrixProduct(rows: length, columns: b.columns, depth: a.columns), alpha: factor,
            a.pointer + start * a.columns, dy + sequence * size, beta: 1, db + start * b.columns)
        }
      }
    }
    return y
  }

  /// a · bᵀ / divisor of each sequence (neuron selectivity, Huang and Wang 2017): per sequence [length, length].
  ///
  /// - Parameter divisor: of a sequence of the given length, such as its length or the width.
  public func tokenGram(
    _ a: Tensor<Element>, _ b: Tensor<Element>, offsets: [Int32], divisor: @escaping (_ length: Int) -> Int
  ) throws(TensorError) -> Tensor<Element> {
    try Self.lengths(offsets: offsets, rows: a.rows, "gram")
    guard a.rows == b.rows, a.columns == b.columns else {
      throw .shape(operation: "tokenGram", detail: "[\(a.rows), \(a.columns)] and [\(b.rows), \(b.columns)]")
    }
    let width = a.columns
    let places = Self.squares(offsets, times: 1)
    let y = make(1, places.count, needsGradient: needsGradient(a) || needsGradient(b))
    for (sequence, length) in places.lengths.enumerated() {
      let start = Int(offsets[sequence]) * width
      Element.multiply(
        blas, MatrixProduct(rows: length, columns: length, depth: width, transposesRight: true),
        alpha: Element(1 / Double(max(1, divisor(length)))), a.pointer + start, b.pointer + start, beta: 0,
        y.pointer + places.starts[sequence])
    }
    guard needsGradient(y) else { return y }
    record([y]) { graph in
      guard let dy = graph.incoming(y) else { return }
      for (own, other, transposes) in [(a, b, false), (b, a, true)] {
        guard let out = graph.outgoingZeroed(own) else { continue }
        for (sequence, length) in places.lengths.enumerated() {
          let start = Int(offsets[sequence]) * width
          Element.multiply(
            graph.blas, MatrixProduct(rows: length, columns: width, depth: length, transposesLeft: transposes),
            alpha: Element(1 / Double(max(1, divisor(length)))), dy + places.starts[sequence], other.pointer + start,
            beta: 1, out + start)
        }
      }
    }
    return y
  }
}
