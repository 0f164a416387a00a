extension Array {
  /// The elements of a matrix [count / columns, columns], turned: [columns, count / columns].
  func transposed(columns: Int) -> [Element] {
    guard columns > 0 else { return self }
    let rows = count / columns
    return [Element](unsafeUninitializedCapacity: rows * columns) { target, written in
      for column in 0..<columns {
        for row in 0..<rows {
          target.initializeElement(at: column * rows + row, to: self[row * columns + column])
        }
      }
      written = rows * columns
    }
  }
}
