import CKernels

/// The gradients that one shard's pass leaves, over and over again, without clearing what the next pass overwrites.
///
/// The first operation that reaches a parameter writes its gradient, later ones add; what no operation reached is
/// cleared in the end. A table of which a batch reads few rows may keep the gradients of those rows alone.
public final class ShardGradients<Element: TensorElement>: @unchecked Sendable {
  public let layout: ParameterLayout
  /// The gradients by the layout; those of `table` are not in it.
  public let dense: FlatBuffer<Element>
  /// The gradients of the table that is kept by rows.
  public let table: RowGradients<Element>?
  private var isWritten: [Bool]

  /// - Parameter table: an entry that only look-ups use.
  /// - Throws: `TensorError.parameter` where there is no such entry.
  public init(_ layout: ParameterLayout, table: String? = nil) throws(TensorError) {
    self.layout = layout
    dense = FlatBuffer(count: layout.count)
    var rows: RowGradients<Element>?
    if let table { rows = RowGradients(try layout.entry(table)) }
    self.table = rows
    isWritten = [Bool](repeating: false, count: layout.entries.count)
  }

  /// Forgets the last pass.
  public func begin() {
    for index in isWritten.indices { isWritten[index] = false }
    table?.begin()
  }

  /// Clears the gradients of parameters that the pass did not reach.
  public func finish() {
    for (index, entry) in layout.entries.enumerated() where !isWritten[index] && entry.offset != table?.entry.offset {
      Element.kernels.pointee.fill(dense.pointer + entry.offset, 0, entry.count)
    }
  }

  /// Takes touching entries for writing; whether they hold gradients of this pass, to be added to.
  func claim(_ range: Range<Int>) -> Bool {
    let entries = layout.indices(of: range)
    guard entries.contains(where: { isWritten[$0] }) else {
      for index in entries { isWritten[index] = true }
      return false
    }
    for index in entries where !isWritten[index] {
      let entry = layout.entries[index]
      Element.kernels.pointee.fill(dense.pointer + entry.offset, 0, entry.count)
      isWritten[index] = true
    }
    return true
  }
}

extension ParameterLayout {
  /// The entries that lie in a range of the buffer.
  func indices(of range: Range<Int>) -> Range<Int> {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].offset < range.lowerBound { low = middle + 1 } else { high = middle }
    }
    var end = low
    while end < entries.count, entries[end].offset < range.upperBound { end += 1 }
    return low..<end
  }
}
