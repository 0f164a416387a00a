import CKernels

/// Products inside each packed sequence. A result is one row: a matrix a sequence (and head), one after another.
extension Graph {
  /// x · xᵀ / √size of each head of the queries, keys or values (Wang et al. 2020, value relation).
  ///
  /// - Parameters:
  ///   - projections: [tokens, 3 · heads · size], as `attention` takes them.
  ///   - part: 0 for queries, 1 for keys, 2 for values.
  /// - Returns: per sequence [heads, length, length].
  public func relation(
    of projections: Tensor<Element>, part: Int, heads: Int, offsets: [Int32]
  ) throws(TensorError) -> Tensor<Element> {
    let width = projections.columns / 3
    guard heads > 0, width % heads == 0, projections.columns == 3 * width, (0..<3).contains(part) else {
      throw .shape(operation: "relation", detail: "\(projections.columns) columns are not 3 × \(heads) heads")
    }
    try Self.lengths(offsets: offsets, rows: projections.rows, "relation")
    let size = width / heads
    let scale = Element(1 / Double(size).squareRoot())
    let stride = projections.columns
    let places = Self.squares(offsets, times: heads)
    let y = make(1, places.count, needsGradient: needsGradient(projections))
    func each(_ body: (_ x: Int, _ y: Int, _ length: Int) -> Void) {
      for sequence in places.lengths.indices {
        let length = places.lengths[sequence]
        for head in 0..<heads {
          body(
            Int(offsets[sequence]) * stride + part * width + head * size,
            places.starts[sequence] + head * length * length, length)
        }
      }
    }
    each { x, place, length in
      Element.multiply(
        blas,
        MatrixProduct(
          rows: length, columns: length, depth: size, transposesRight: true, leftStride: stride, rightStride: stride),
        alpha: scale, projections.pointer + x, projections.pointer + x, beta: 0, y.pointer + place)
    }
    guard needsGradient(y) else { return y }
    record([y]) { graph in
      guard let dy = graph.incoming(y), let dx = graph.outgoingZeroed(projections) else { return }
      each { x, place, length in
        for transposes in [false, true] {
          Element.multiply(
            graph.blas,
            MatrixProduct(
              rows: length, columns: size, depth: length, transposesLeft: transposes, leftStride: length,
              rightStride: stride, resultStride: stride), alpha: scale, dy + place, projections.pointer + x, beta: 1,
            dx + x)
        }
      }
    }
    return y
  }

  /// The heads' matrices of each sequence, added and multiplied by `factor`: [heads, length, length] becomes [length, length].
  public func headSum(
    _ scores: Tensor<Element>, heads: Int, offsets: [Int32], factor: Double = 1
  ) throws(TensorError) -> Tensor<Element> {
    let inputs = Self.squares(offsets, times: heads)
    guard heads > 0, inputs.count == scores.count else {
      throw .shape(operation: "headSum", detail: "\(scores.count) scores are not those of \(heads) heads")
    }
    let outputs = Self.squares(offsets, times: 1)
    let y = make(1, outputs.count, needsGradient: needsGradient(scores))
    kernels.pointee.fill(y.pointer, 0, y.count)
    for (sequence, length) in inputs.lengths.enumerated() {
      for head in 0..<heads {
        kernels.pointee.add(
          scores.pointer + inputs.starts[sequence] + head * length * length, factor,
          y.pointer + outputs.starts[sequence], length * length)
      }
    }
    guard needsGradient(y) else { return y }
    record([y]) { graph in
      guard let dy = graph.incoming(y), let dx = graph.outgoingZeroed(scores) else { return }
      for (sequence, length) in inputs.lengths.enumerated() {
        for head in 0..<heads {
          graph.kernels.pointee.add(
            dy + outputs.starts[sequence], factor, dx + inputs.starts[sequence] + head * length * length,
            length * length)
        }
      }
    }
    return y
  }

  /// Where each sequence's `times` square matrices begin, and how many elements all have.
  static func squares(_ offsets: [Int32], times: Int) -> (lengths: [Int], starts: [Int], count: Int) {
    let lengths = zip(offsets.dropFirst(), offsets).map { Int($0 - $1) }
    var starts: [Int] = []
    var count = 0
    for length in lengths {
      starts.append(count)
      count += times * length * length
    }
    return (lengths, starts, count)
  }
}
