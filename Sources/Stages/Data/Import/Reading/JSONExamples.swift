import Artifacts
import Models
import Training

/// The examples of a file with one JSON object a line.
struct JSONExamples: ExampleSource {
  private var lines: LineReader
  private let text: String
  private let pair: String?
  private let target: String
  private let group: String?
  private let targets: TargetReader
  private let isTagged: Bool

  init<Kind: TaskKind>(_ lines: LineReader, _ format: TaskFormat<Kind>, _ targets: TargetReader) {
    self.lines = lines
    self.targets = targets
    text = format.text.fieldName
    pair = format.pair?.fieldName
    target = format.label.fieldName
    group = format.group?.fieldName
    isTagged = if case .tags = format.target { true } else { false }
  }

  mutating func next() throws -> Result<TaskRow, RetortError>? {
    while let line = try lines.next() {
      guard line.contains(where: { $0 != 32 && $0 != 9 && $0 != 13 }) else { continue }
      return Result { () throws(RetortError) in try example(line) }
    }
    return nil
  }

  private func example(_ line: [UInt8]) throws(RetortError) -> TaskRow {
    let object = try JSONLine.object(line, lines, like: "{\"\(text)\": …, \"\(target)\": …}")
    if isTagged { return try sentence(object) }
    var pairText: String?
    let value = try filled(text, object)
    if let pair { pairText = try filled(pair, object) }
    return TaskRow(
      text: value, pair: pairText, target: try targets.target(try scalar(object, target), at: place(target)),
      group: try groupName(object), place: place(target))
  }

  private func sentence(_ object: JSONValue) throws(RetortError) -> TaskRow {
    let words = try list(text, object)
    let tags = try list(target, object)
    guard words.count == tags.count else {
      throw RetortError(
        "data.fields", "There are \(words.count) words and \(tags.count) tags.", remedy: "Give each word one tag.",
        at: place(target))
    }
    guard words.allSatisfy({ word in word.contains { !$0.isWhitespace } }) else {
      throw RetortError("data.empty-text", "A word is empty.", remedy: "Remove it with its tag.", at: place(text))
    }
    let places = [Place](repeating: place(target), count: tags.count)
    return TaskRow(
      words: words, target: try targets.tags(tags, at: places),
      group: try groupName(object), place: place(target), tagPlaces: places)
  }

  private func groupName(_ object: JSONValue) throws(RetortError) -> String? {
    guard let group else { return nil }
    guard let value = object[path: group] else { throw missing("missing", group, object) }
    return value.text ?? value.compactText
  }

  private func list(_ field: String, _ object: JSONValue) throws(RetortError) -> [String] {
    guard case .array(let items)? = object[path: field], !items.isEmpty else {
      throw RetortError(
        "data.missing-column", "The field “\(field)” is no array with something in it.",
        remedy: "Give an array in every line, or name another field in the format.", at: place(field))
    }
    var texts: [String] = []
    for item in items {
      guard let text = item.text ?? item.integer.map(String.init) else {
        throw RetortError(
          "data.missing-column", "The array “\(field)” holds something that is neither text nor a whole number.",
          remedy: "Correct the line.", at: place(field))
      }
      texts.append(text)
    }
    return texts
  }

  private func filled(_ field: String, _ object: JSONValue) throws(RetortError) -> String {
    guard let value = object[path: field]?.text else {
      throw missing(object[path: field] == nil ? "missing" : "no string", field, object)
    }
    return try TaskRow.filled(value, at: place(field))
  }

  private func missing(_ what: String, _ field: String, _ object: JSONValue) -> RetortError {
    var names: [String] = []
    if case .object(let members) = object { names = members.map(\.name) }
    let nearest = NearestName.of(field, among: names).map { $0 == field ? "" : " Is “\($0)” meant?" } ?? ""
    return RetortError(
      "data.missing-column", "The field “\(field)” is \(what).",
      remedy: "Give it in every line, or name another field in the format.\(nearest)", at: place(field))
  }

  /// A label or number as text.
  private func scalar(_ object: JSONValue, _ field: String) throws(RetortError) -> String {
    switch object[path: field] {
    case .string(let text)?: return text
    case .number(let digits)? where !targets.isLabel || Int(digits) != nil: return digits
    case .bool(let flag)? where targets.isLabel: return flag ? "true" : "false"
    case let other:
      throw RetortError(
        targets.isLabel ? "data.label" : "data.value",
        other == nil
          ? "The field “\(field)” is missing."
          : targets.isLabel ? "The label is neither text nor a whole number." : "The value is no number.",
        remedy: targets.isLabel ? "Label every example." : "Give every example a number.", at: place(field))
    }
  }

  private func place(_ field: String) -> Place { Place(file: lines.name, line: lines.number, field: field) }
}

/// A line that is one JSON object.
enum JSONLine {
  /// - Parameter form: an object as it should look, for the error.
  /// - Throws: `data.json` with the line and the column.
  static func object(_ line: [UInt8], _ lines: LineReader, like form: String) throws(RetortError) -> JSONValue {
    let value: JSONValue
    do {
      value = try JSONValue(parsing: line)
    } catch {
      let column = line.prefix(error.offset).count { $0 & 0xC0 != 0x80 } + 1
      throw RetortError(
        "data.json", "The line is no JSON: \(error.reason).", remedy: "Write one JSON object a line.",
        at: Place(file: lines.name, line: lines.number, column: column))
    }
    guard case .object = value else {
      throw RetortError(
        "data.json", "The line is JSON, but no object.", remedy: "Write one object a line, such as \(form).",
        at: Place(file: lines.name, line: lines.number))
    }
    return value
  }
}

extension JSONValue {
  /// The field of that name, or with `a.b` field `b` of the object in field `a`.
  subscript(path path: String) -> JSONValue? {
    if let value = self[path] { return value }
    guard let dot = path.firstIndex(of: ".") else { return nil }
    return self[String(path[..<dot])]?[path: String(path[path.index(after: dot)...])]
  }
}

extension TaskColumn {
  /// The name of a field of JSON.
  fileprivate var fieldName: String {
    switch self {
    case .name(let name): name
    case .number(let number): String(number)
    case .last: ""
    }
  }
}
