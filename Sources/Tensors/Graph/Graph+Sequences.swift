extension Graph {
  /// The lengths of packed sequences; a length may be 0.
  ///
  /// - Throws: `TensorError.shape` for offsets that do not cut `rows` rows into sequences.
  @discardableResult
  static func lengths(offsets: [Int32], rows: Int, _ operation: String) throws(TensorError) -> [Int] {
    guard offsets.first == 0, offsets.last.map({ Int($0) == rows }) ?? false,
      zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 })
    else {
      throw .shape(operation: operation, detail: "the offsets do not cut \(rows) rows into sequences")
    }
    return zip(offsets.dropFirst(), offsets).map { Int($0 - $1) }
  }
}
