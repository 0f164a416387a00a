import Artifacts
import Foundation
import Models

// The folder of a `TaskData`: `schema.json`, and `examples.jsonl` with one example a line, such as
// {"label":1,"text":"…"}, {"group":"q1","pair":"…","text":"…","value":1} or {"tags":[0,2],"words":["…","…"]}. Fields come in
// this fixed order.
extension TaskData {
  private static var schemaName: String { "schema.json" }
  private static var examplesName: String { "examples.jsonl" }

  /// Writes a set of examples into an empty folder.
  ///
  /// - Parameter labels: names of the classes in order; empty for regression.
  /// - Throws: `file.unwritable`.
  public init(writing examples: [LabelledExample], labels: [String], to folder: FilePath) throws {
    let schema = TaskSchema(
      kind: Kind.name, labels: labels, isPaired: examples.contains { $0.pair != nil }, examples: examples.count)
    var text: [UInt8] = []
    for example in examples {
      text += Self.line(example).utf8
      text.append(10)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try writeFile(text, to: folder.appending(Self.examplesName))
    try writeFile(Array(try encoder.encode(schema)) + [10], to: folder.appending(Self.schemaName))
    var facts = Facts()
    facts.labels = labels.isEmpty ? nil : labels
    facts.examples = examples.count
    facts.isPaired = schema.isPaired
    self.init(folder: folder, facts: facts)
  }

  /// What the folder says of all its examples.
  ///
  /// - Throws: `file.missing`, `file.unreadable`, `data.schema`.
  public func schema() throws -> TaskSchema {
    let path = folder.appending(Self.schemaName)
    do {
      let schema = try JSONDecoder().decode(TaskSchema.self, from: Data(fileBytes(path, named: path.string)))
      guard schema.kind == Kind.name else {
        throw RetortError(
          "data.schema", "The examples are for “\(schema.kind)”, not “\(Kind.name)”.", at: Place(file: path.string))
      }
      return schema
    } catch let error as DecodingError {
      throw RetortError(
        "data.schema", "It does not describe a set of examples: \(error).", remedy: "Import the data again.",
        at: Place(file: path.string), cause: error)
    }
  }

  /// All examples, in order.
  ///
  /// - Throws: `file.missing`, `file.unreadable`, `file.encoding`, `data.example` with the line.
  public func examples() throws -> [LabelledExample] {
    let schema = try schema()
    let file = try TextFile(reading: folder.appending(Self.examplesName))
    guard file.lines.count == schema.examples else {
      throw RetortError(
        "data.example", "There are \(file.lines.count) examples; the schema says \(schema.examples).",
        remedy: "Import the data again.", at: Place(file: file.name))
    }
    return try file.lines.enumerated().map { index, line in
      do {
        return try Self.example(line, labels: schema.labels.count)
      } catch {
        let reason = (error as? JSONFault)?.reason ?? (error as? LineFault)?.reason ?? "\(error)"
        throw RetortError(
          "data.example", "The line is no example: \(reason).", remedy: "Import the data again.",
          at: Place(file: file.name, line: index + 1))
      }
    }
  }

  private static func line(_ example: LabelledExample) -> String {
    var members: [JSONValue.Member] = []
    if let group = example.group { members.append(.init("group", .string(group))) }
    if case .label(let index) = example.target { members.append(.init("label", .number(index))) }
    if let pair = example.pair { members.append(.init("pair", .string(pair))) }
    if case .tags(let tags) = example.target {
      members.append(.init("tags", .array(tags.map { .number($0) })))
    }
    if example.words.isEmpty { members.append(.init("text", .string(example.text))) }
    if case .value(let value) = example.target { members.append(.init("value", .number(value))) }
    if !example.words.isEmpty { members.append(.init("words", .array(example.words.map { .string($0) }))) }
    return JSONValue.object(members).compactText
  }

  private static func example(_ line: String, labels: Int) throws -> LabelledExample {
    let object = try JSONValue(parsing: Array(line.utf8))
    if case .array(let items)? = object["words"] {
      let words = items.compactMap(\.text)
      guard words.count == items.count, !words.isEmpty else { throw LineFault(reason: "a word is no text") }
      return LabelledExample(words: words, tags: try tags(of: object, words: words.count, labels: labels))
    }
    guard let text = object["text"]?.text else { throw LineFault(reason: "it has no text") }
    var example = LabelledExample(text, pair: object["pair"]?.text)
    example.group = object["group"]?.text
    if let label = object["label"]?.integer {
      guard (0..<labels).contains(label) else {
        throw LineFault(reason: "label \(label) is not one of \(labels)")
      }
      example.target = .label(label)
    } else if let value = object["value"]?.double {
      example.target = .value(value)
    }
    return example
  }

  private static func tags(of object: JSONValue, words: Int, labels: Int) throws -> [Int]? {
    guard case .array(let items)? = object["tags"] else { return nil }
    let tags = items.compactMap(\.integer)
    guard tags.count == words, items.count == words else { throw LineFault(reason: "words and tags differ in number") }
    if let odd = tags.first(where: { $0 != -100 && !(0..<labels).contains($0) }) {
      throw LineFault(reason: "tag \(odd) is not one of \(labels)")
    }
    return tags
  }
}

private struct LineFault: Error {
  var reason: String
}
