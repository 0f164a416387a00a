import Artifacts
import Training

/// A row of a table: its bytes, and where the fields lie in them.
struct TableRow {
  /// The record without its line end, in UTF-8; a quoted one may span lines.
  var bytes: [UInt8] = []
  /// Each field with its quotation marks.
  var fields: [Range<Int>] = []
  /// The line that it begins in, from 1.
  var line = 1

  /// A field's text: without its marks, and with one mark for two.
  func text(_ index: Int, isQuoted: Bool) -> String {
    let field = bytes[fields[index]]
    guard isQuoted, field.first == TableReader.mark else { return String(decoding: field, as: UTF8.self) }
    var text: [UInt8] = []
    text.reserveCapacity(field.count)
    var isSecond = false
    for byte in field.dropFirst().dropLast() {
      isSecond = byte == TableReader.mark && !isSecond
      if !isSecond { text.append(byte) }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Where a byte stands: a line and a column in Unicode scalars.
  func place(ofByte offset: Int, _ name: String, field: String? = nil) -> Place {
    let before = bytes[..<min(offset, bytes.count)]
    let lines = before.count { $0 == 10 }
    let start = before.lastIndex(of: 10).map { $0 + 1 } ?? 0
    let column = before[start...].count { $0 & 0xC0 != 0x80 } + 1
    return Place(file: name, line: line + lines, column: column, field: field)
  }
}

/// Reads the rows of a table, one after the other.
struct TableReader {
  static let mark = UInt8(ascii: "\"")
  private(set) var lines: LineReader
  let isQuoted: Bool
  private let delimiter: UInt8

  init(_ lines: LineReader, _ syntax: TableSyntax) {
    self.lines = lines
    isQuoted = syntax.isQuoted
    delimiter = syntax.delimiter.utf8.first ?? 9
  }

  /// The next row that is not blank; nil after the last.
  ///
  /// - Throws: what `LineReader` throws; `data.quotes` where marks are not as RFC 4180 has them.
  mutating func next() throws -> TableRow? {
    while true {
      guard let line = try lines.next() else { return nil }
      guard !line.isEmpty else { continue }
      var row = TableRow(bytes: line, line: lines.number)
      if isQuoted, line.contains(Self.mark) {
        try readQuoted(&row)
      } else {
        var start = 0
        for (index, byte) in row.bytes.enumerated() where byte == delimiter {
          row.fields.append(start..<index)
          start = index + 1
        }
        row.fields.append(start..<row.bytes.count)
      }
      return row
    }
  }

  private mutating func readQuoted(_ row: inout TableRow) throws {
    var position = 0
    while true {
      let start = position
      if position < row.bytes.count, row.bytes[position] == Self.mark {
        position = try closingMark(in: &row, from: position) + 1
        guard position == row.bytes.count || row.bytes[position] == delimiter else {
          throw refusal(
            "Text stands after a closing quotation mark.", row.place(ofByte: position, lines.name),
            remedy: "Write two marks for one inside a quoted value.")
        }
      } else {
        while position < row.bytes.count, row.bytes[position] != delimiter {
          guard row.bytes[position] != Self.mark else {
            throw refusal(
              "A quotation mark stands inside a value that is not quoted.", row.place(ofByte: position, lines.name),
              remedy: "Quote the whole value and write two marks for one in it; or read the file without quoting.")
          }
          position += 1
        }
      }
      row.fields.append(start..<position)
      guard position < row.bytes.count else { return }
      position += 1
    }
  }

  /// Finds the mark that closes a value, and takes in further lines that belong to it.
  private mutating func closingMark(in row: inout TableRow, from start: Int) throws -> Int {
    var position = start + 1
    while true {
      while position < row.bytes.count {
        guard row.bytes[position] == Self.mark else {
          position += 1
          continue
        }
        guard position + 1 < row.bytes.count, row.bytes[position + 1] == Self.mark else { return position }
        position += 2
      }
      guard row.bytes.count <= LineReader.longest, let more = try lines.next() else {
        throw refusal(
          "A quotation mark opens a value that does not end.", row.place(ofByte: start, lines.name),
          remedy: "Close it, or read the file without quoting.")
      }
      row.bytes.append(10)
      row.bytes += more
      position += 1
    }
  }

  private func refusal(_ message: String, _ place: Place, remedy: String) -> RetortError {
    RetortError("data.quotes", message, remedy: remedy, at: place)
  }
}
