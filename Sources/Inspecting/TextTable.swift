/// Columns of text, each as wide as its widest cell. Numbers go to the right.
public struct TextTable {
  public enum Alignment: Sendable { case left, right }

  private let head: [String]
  private let alignments: [Alignment]
  private var rows: [[String]] = []

  public init(_ columns: [(title: String, alignment: Alignment)]) {
    head = columns.map(\.title)
    alignments = columns.map(\.alignment)
  }

  public mutating func add(_ cells: [String]) { rows.append(cells) }

  public var text: String {
    let all = [head] + rows
    let widths = head.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        if column > 0 { line += "  " }
        let gap = String(repeating: " ", count: max(0, widths[column] - cell.count))
        line += alignments[column] == .left ? cell + gap : gap + cell
      }
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }
}
