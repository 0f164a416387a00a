import CKernels

extension Graph {
  /// words[ids] + positions[places] + types[kinds], one row a token: the tables are [entries, hidden].
  ///
  /// - Throws: `TensorError.index` for an id outside its table.
  public func embedding(
    words: Tensor<Element>, ids: [Int32], positions: Tensor<Element>? = nil, places: [Int32] = [],
    types: Tensor<Element>? = nil, kinds: [Int32] = []
  ) throws(TensorError) -> Tensor<Element> {
    let width = words.columns
    guard positions.map({ $0.columns == width && places.count == ids.count }) ?? true,
      types.map({ $0.columns == width && kinds.count == ids.count }) ?? true
    else {
      throw .shape(operation: "embedding", detail: "tables and indices do not fit \(ids.count) rows of \(width)")
    }
    try Self.check(ids, below: words.rows, "embedding of words")
    if let positions { try Self.check(places, below: positions.rows, "embedding of positions") }
    if let types { try Self.check(kinds, below: types.rows, "embedding of types") }
    let needs = needsGradient(words) || needsGradient(positions) || needsGradient(types)
    let y = make(ids.count, width, needsGradient: needs)
    kernels.pointee.embed(
      words.pointer, ids, positions?.pointer, places, types?.pointer, kinds, y.pointer, ids.count, width)
    guard needs, isRecording else { return y }
    record([y]) { graph in
      guard let dy = graph.incoming(y) else { return }
      graph.addRows(dy, at: ids, to: words)
      graph.addRows(dy, at: places, to: positions)
      graph.addRows(dy, at: kinds, to: types)
    }
    return y
  }

  /// The rows of x at the given indices (a [CLS] row a sequence, or masked positions); rows may repeat.
  public func rows(_ x: Tensor<Element>, at indices: [Int32]) throws(TensorError) -> Tensor<Element> {
    try Self.check(indices, below: x.rows, "rows")
    let y = make(indices.count, x.columns, needsGradient: needsGradient(x))
    kernels.pointee.gather_rows(x.pointer, indices, y.pointer, indices.count, x.columns)
    guard needsGradient(x) else { return y }
    record([y]) { graph in
      guard let dy = graph.incoming(y), let dx = graph.outgoingZeroed(x) else { return }
      graph.kernels.pointee.scatter_add_rows(dy, indices, dx, indices.count, x.columns)
    }
    return y
  }

  static func check(_ indices: [Int32], below limit: Int, _ operation: String) throws(TensorError) {
    for index in indices where index < 0 || index >= limit {
      throw .index(operation: operation, value: Int(index), limit: limit)
    }
  }
}
