import Artifacts
import Models
import Training

/// The rows of a task's file, before labels have numbers.
struct TaskTable {
  struct Row {
    var text: String
    var pair: String?
    var label: String
    var group: String?
    /// Where the label stands, for errors.
    var place: Place
  }

  var name: String
  var rows: [Row] = []

  /// Reads the rows of a file.
  ///
  /// - Throws: errors with the file, the line and the column, each with a remedy.
  init(_ file: TextFile, format: TaskFormat) throws {
    name = file.name
    switch format.syntax {
    case .tsv: try readTSV(file, format)
    case .jsonLines: try readJSON(file, format)
    }
    guard !rows.isEmpty else {
      throw RetortError(
        "data.empty", "There are no examples in it.", remedy: "Give a file with one example a line.",
        at: Place(file: name))
    }
  }

  private mutating func readTSV(_ file: TextFile, _ format: TaskFormat) throws {
    guard let header = file.lines.first, !header.isEmpty else {
      throw RetortError(
        "data.header", "There is no header line.",
        remedy: "Name the columns in the first line, separated by tabs.", at: Place(file: name, line: 1))
    }
    let columns = header.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    let places = try columnPlaces(columns, header: header, format)
    for (index, line) in file.lines.enumerated().dropFirst() where !line.isEmpty {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
      guard fields.count == columns.count else {
        let column =
          fields.count > columns.count ? Self.column(of: columns.count, in: fields) : line.unicodeScalars.count + 1
        throw RetortError(
          "data.fields", "There are \(fields.count) fields under \(columns.count) columns.",
          remedy: "Separate fields by exactly one tab; a tab inside a text must become a space.",
          at: Place(file: name, line: index + 1, column: column))
      }
      func place(_ column: Int) -> Place {
        Place(file: name, line: index + 1, column: Self.column(of: column, in: fields), field: columns[column])
      }
      let pair = try places.pair.map { try Self.filled(String(fields[$0]), place($0)) }
      append(
        Row(
          text: try Self.filled(String(fields[places.text]), place(places.text)), pair: pair,
          label: try Self.labelled(String(fields[places.label]), place(places.label)),
          group: places.group.map { String(fields[$0]) }, place: place(places.label)))
    }
  }

  /// The scalar that a field begins with, from 1.
  private static func column(of field: Int, in fields: [Substring]) -> Int {
    fields.prefix(field).reduce(1) { $0 + $1.unicodeScalars.count + 1 }
  }

  private func columnPlaces(
    _ columns: [String], header: String, _ format: TaskFormat
  ) throws -> (text: Int, pair: Int?, label: Int, group: Int?) {
    var seen: [String: Int] = [:]
    for (index, column) in columns.enumerated() {
      let place = Place(
        file: name, line: 1, column: Self.column(of: index, in: columns.map { Substring($0) }), field: column)
      if seen.updateValue(index, forKey: column) != nil {
        throw RetortError(
          "data.duplicate-column", "The column “\(column)” is there twice.", remedy: "Give each column its own name.",
          at: place)
      }
    }
    func find(_ column: String, _ option: String) throws -> Int {
      if let index = seen[column] { return index }
      let hint = columns.contains { $0.contains(",") } ? " The fields must be separated by tabs, not commas." : ""
      throw RetortError(
        "data.missing-column",
        "There is no column “\(column)”; there are \(columns.map { "“\($0)”" }.joined(separator: ", ")).",
        remedy: "Name the right column with the option “\(option)”.\(hint)",
        at: Place(file: name, line: 1, field: column))
    }
    return (
      try find(format.text, "text"), try format.pair.map { try find($0, "pair") }, try find(format.label, "label"),
      try format.group.map { try find($0, "group") }
    )
  }

  private mutating func readJSON(_ file: TextFile, _ format: TaskFormat) throws {
    for (index, line) in file.lines.enumerated() where line.contains(where: { !$0.isWhitespace }) {
      let start = Place(file: name, line: index + 1)
      let object: JSONValue
      do {
        object = try JSONValue(parsing: Array(line.utf8))
      } catch {
        let column = String(decoding: line.utf8.prefix(error.offset), as: UTF8.self).unicodeScalars.count + 1
        throw RetortError(
          "data.json", "The line is no JSON: \(error.reason).", remedy: "Write one JSON object a line.",
          at: Place(file: name, line: index + 1, column: column))
      }
      guard case .object = object else {
        throw RetortError(
          "data.json", "The line is JSON, but no object.",
          remedy: "Write one object a line, such as {\"\(format.text)\": \"…\", \"\(format.label)\": \"…\"}.", at: start
        )
      }
      func place(_ field: String) -> Place { Place(file: name, line: index + 1, field: field) }
      func text(_ field: String) throws -> String {
        guard let value = object[field]?.text else {
          throw RetortError(
            "data.missing-column",
            object[field] == nil ? "The field “\(field)” is missing." : "The field “\(field)” is no string.",
            remedy: "Give it in every line, or name another field in the format.", at: place(field))
        }
        return try Self.filled(value, place(field))
      }
      append(
        Row(
          text: try text(format.text), pair: try format.pair.map(text),
          label: try Self.label(object[format.label], format.label, place(format.label)),
          group: format.group.flatMap { object[$0]?.compactText }, place: place(format.label)))
    }
  }

  private static func label(_ value: JSONValue?, _ field: String, _ place: Place) throws -> String {
    if let text = value?.text { return try labelled(text, place) }
    if let flag = value?.flag { return flag ? "true" : "false" }
    if let number = value?.integer { return String(number) }
    throw RetortError(
      "data.label", value == nil ? "The field “\(field)” is missing." : "The label is neither text nor a whole number.",
      remedy: "Label every example.", at: place)
  }

  private static func filled(_ text: String, _ place: Place) throws -> String {
    guard text.contains(where: { !$0.isWhitespace }) else {
      throw RetortError("data.empty-text", "The text is empty.", remedy: "Remove the line, or fill it.", at: place)
    }
    return text
  }

  private static func labelled(_ label: String, _ place: Place) throws -> String {
    guard !label.isEmpty else {
      throw RetortError("data.label", "The label is empty.", remedy: "Label every example.", at: place)
    }
    return label
  }

  private mutating func append(_ row: Row) { rows.append(row) }
}
