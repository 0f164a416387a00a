import Artifacts
import Training

/// The examples of a table.
struct TableExamples: ExampleSource {
  private(set) var skipped = 0
  private var table: TableReader
  private let targets: TargetReader
  private let ragged: RaggedRows
  /// The names in the header; nil without one.
  private let header: [String]?
  /// The first row of a file without a header, which was read to count its fields.
  private var first: TableRow?
  private let width: Int
  private let places: Places
  /// What errors call the target's column.
  private let targetName: String

  /// The columns that are asked for, from 0.
  private struct Places {
    var text: Int
    var pair: Int?
    var target: Int
    var group: Int?

    var last: Int { max(text, pair ?? 0, target, group ?? 0) }
  }

  init<Kind: TaskKind>(
    _ lines: LineReader, _ syntax: TableSyntax, _ format: TaskFormat<Kind>, _ targets: TargetReader
  ) throws {
    table = TableReader(lines, syntax)
    ragged = syntax.ragged
    self.targets = targets
    let name = lines.name
    let hasHeader =
      syntax.header ?? format.columns.contains { if case .name = $0.column { true } else { false } }
    // A header is the first line, also where that is blank.
    guard let row = try table.next(), !hasHeader || row.line == 1 else {
      throw hasHeader
        ? RetortError(
          "data.header", "There is no header line.",
          remedy: "Name the columns in the first line, or give the columns by number.",
          at: Place(file: name, line: 1))
        : RetortError(
          "data.empty", "There are no examples in it.", remedy: "Give a file with one example a line.",
          at: Place(file: name))
    }
    width = row.fields.count
    header = hasHeader ? row.fields.indices.map { row.text($0, isQuoted: syntax.isQuoted) } : nil
    first = hasHeader ? nil : row
    let finder = try ColumnFinder(row, names: header, name)
    func find(_ column: TaskColumn, _ option: String) throws -> Int { try finder.place(of: column, option: option) }
    let options = format.columns.map(\.option)
    places = Places(
      text: try find(format.text, options[0]), pair: try format.pair.map { try find($0, options[1]) },
      target: try find(format.label, options[format.pair == nil ? 1 : 2]),
      group: try format.group.map { try find($0, "group") })
    targetName = header?[places.target] ?? "column \(places.target + 1)"
  }

  mutating func next() throws -> Result<TaskRow, RetortError>? {
    while let row = try first ?? table.next() {
      first = nil
      if row.fields.count != width {
        switch ragged {
        case .skipped:
          skipped += 1
          continue
        case .read where row.fields.count > places.last: break
        case .read, .refused: return .failure(raggedRow(row))
        }
      }
      return Result { () throws(RetortError) in try example(row) }
    }
    return nil
  }

  private func example(_ row: TableRow) throws(RetortError) -> TaskRow {
    func text(_ column: Int) -> String { row.text(column, isQuoted: table.isQuoted) }
    func filled(_ column: Int) throws(RetortError) -> String {
      let text = text(column)
      // The place costs more than the check.
      return text.contains { !$0.isWhitespace } ? text : try TaskRow.filled(text, at: place(row, column))
    }
    let target = row.place(ofByte: row.fields[places.target].lowerBound, table.lines.name, field: targetName)
    var pair: String?
    let value = try filled(places.text)
    if let column = places.pair { pair = try filled(column) }
    return TaskRow(
      text: value, pair: pair, target: try targets.target(text(places.target), at: target),
      group: places.group.map(text), place: target)
  }

  private func place(_ row: TableRow, _ column: Int) -> Place {
    row.place(ofByte: row.fields[column].lowerBound, table.lines.name, field: header?[column] ?? "column \(column + 1)")
  }

  private func raggedRow(_ row: TableRow) -> RetortError {
    let offset = row.fields.count > width ? row.fields[width].lowerBound : row.bytes.count
    return RetortError(
      "data.fields",
      "There \(row.fields.count == 1 ? "is 1 field" : "are \(row.fields.count) fields"), and there should be \(width).",
      remedy: table.isQuoted
        ? "Quote values that hold delimiters."
        : "Separate fields by exactly one tab; a tab inside a text must become a space.",
      at: row.place(ofByte: offset, table.lines.name))
  }
}
