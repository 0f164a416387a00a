import CKernels

extension Graph {
  /// The greatest value of each column inside each packed sequence (max-over-time pooling, Collobert et al. 2011): x is
  /// [rows, columns], the result [sequences, columns].
  ///
  /// The gradient goes to the place of the maximum, the first of equals. No padding takes part, so a sequence's maxima do
  /// not depend on its neighbours.
  ///
  /// - Throws: `TensorError.shape` for offsets that do not fit x, and for an empty sequence: it has no maximum.
  public func maxOverTime(_ x: Tensor<Element>, offsets: [Int32]) throws(TensorError) -> Tensor<Element> {
    let lengths = try Self.lengths(offsets: offsets, rows: x.rows, "maxOverTime")
    guard lengths.allSatisfy({ $0 > 0 }) else { throw .shape(operation: "maxOverTime", detail: "a sequence is empty") }
    let y = make(lengths.count, x.columns, needsGradient: needsGradient(x))
    let places = arena.allocate(Int32.self, y.count)
    kernels.pointee.max_over_time(x.pointer, offsets, y.rows, y.pointer, places, x.columns)
    guard needsGradient(y) else { return y }
    record([y]) { graph in
      guard let dy = graph.incoming(y), let dx = graph.outgoingZeroed(x) else { return }
      graph.kernels.pointee.max_over_time_backward(dy, places, y.rows, dx, y.columns)
    }
    return y
  }
}
