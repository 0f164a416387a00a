/// A table for a terminal: columns as wide as their content, cut or left out where the terminal is narrower.
package struct Table: Sendable {
  package struct Column: Sendable {
    package var title: String
    package var isNumber: Bool
    /// Columns of a higher number are left out first where the table is too wide; 0 never is.
    package var dispensability: Int

    package init(_ title: String, isNumber: Bool = false, dispensability: Int = 0) {
      self.title = title
      self.isNumber = isNumber
      self.dispensability = dispensability
    }
  }

  package var columns: [Column]
  package var rows: [[String]]

  package init(_ columns: [Column], rows: [[String]] = []) {
    self.columns = columns
    self.rows = rows
  }

  /// The lines of the table, none wider than `width` columns; nil where nothing limits it, as in a pipe.
  package func lines(width: Int?, style: Style = .plain) -> [String] {
    var kept = Array(columns.indices)
    var widths = kept.map(naturalWidth)
    if let width {
      while total(widths) > width, let worst = mostDispensable(kept) {
        kept.remove(at: worst)
        widths.remove(at: worst)
      }
      shrink(&widths, kept, to: width)
    }
    let head = line(kept.map { columns[$0].title }, kept, widths)
    return [style.bold(head)]
      + rows.map { row in line(kept.map { row.indices.contains($0) ? row[$0] : "" }, kept, widths) }
  }

  private func naturalWidth(_ column: Int) -> Int {
    rows.reduce(TextWidth.of(columns[column].title)) { widest, row in
      max(widest, row.indices.contains(column) ? TextWidth.of(row[column]) : 0)
    }
  }

  private func total(_ widths: [Int]) -> Int { widths.reduce(0, +) + 2 * max(0, widths.count - 1) }

  private func mostDispensable(_ kept: [Int]) -> Int? {
    let worst = kept.indices.max { columns[kept[$0]].dispensability < columns[kept[$1]].dispensability }
    return worst.flatMap { columns[kept[$0]].dispensability > 0 ? $0 : nil }
  }

  /// Takes columns from the widest column of text, one by one, down to 8 each.
  private func shrink(_ widths: inout [Int], _ kept: [Int], to width: Int) {
    while total(widths) > width {
      let texts = widths.indices.filter { !columns[kept[$0]].isNumber && widths[$0] > 8 }
      guard let widest = texts.max(by: { widths[$0] < widths[$1] }) else { return }
      widths[widest] -= 1
    }
  }

  private func line(_ cells: [String], _ kept: [Int], _ widths: [Int]) -> String {
    var parts: [String] = []
    for (index, cell) in cells.enumerated() {
      let text = TextWidth.cut(cell, to: widths[index])
      parts.append(TextWidth.pad(text, to: widths[index], trailing: columns[kept[index]].isNumber))
    }
    var line = parts.joined(separator: "  ")
    while line.last == " " { line.removeLast() }
    return line
  }
}
