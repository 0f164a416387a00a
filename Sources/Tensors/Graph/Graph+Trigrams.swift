import CKernels

extension Graph {
  /// Each token's next, own and last row side by side, inside each packed sequence: x is [rows, columns], the result
  /// [rows, 3 · columns], with zeros where a sequence ends (MobileBERT's embeddings; Sun et al. 2020).
  ///
  /// - Throws: `TensorError.shape` for offsets that do not fit x.
  public func trigrams(_ x: Tensor<Element>, offsets: [Int32]) throws(TensorError) -> Tensor<Element> {
    _ = try Self.lengths(offsets: offsets, rows: x.rows, "trigrams")
    let y = make(x.rows, 3 * x.columns, needsGradient: needsGradient(x))
    kernels.pointee.fill(y.pointer, 0, y.count)
    Self.forEachNeighbour(offsets: offsets, columns: x.columns) { row, from, place in
      (y.pointer + row * y.columns + place).update(from: x.pointer + from * x.columns, count: x.columns)
    }
    guard needsGradient(y) else { return y }
    record([y]) { graph in
      guard let dy = graph.incoming(y), let dx = graph.outgoingZeroed(x) else { return }
      Self.forEachNeighbour(offsets: offsets, columns: x.columns) { row, from, place in
        graph.kernels.pointee.add(dy + row * y.columns + place, 1, dx + from * x.columns, x.columns)
      }
    }
    return y
  }

  /// Calls with a row, the row of its neighbour and the column where that one stands.
  private static func forEachNeighbour(
    offsets: [Int32], columns: Int, _ body: (_ row: Int, _ from: Int, _ place: Int) -> Void
  ) {
    for (start, end) in zip(offsets, offsets.dropFirst()) {
      for row in Int(start)..<Int(end) {
        if row + 1 < Int(end) { body(row, row + 1, 0) }
        body(row, row, columns)
        if row > Int(start) { body(row, row - 1, 2 * columns) }
      }
    }
  }
}
