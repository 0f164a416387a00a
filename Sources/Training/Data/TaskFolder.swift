import Artifacts
import Foundation
import Models

// The folder of a `TaskData`: `schema.json`, and `examples.jsonl` with one example a line, such as
// {"label":1,"text":"…"} or {"pair":"…","text":"…","value":3.5}. Fields come in this fixed order.
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
    if case .label(let index) = example.target { members.append(.init("label", .number(index))) }
    if let pair = example.pair { members.append(.init("pair", .string(pair))) }
    members.append(.init("text", .string(example.text)))
    if case .value(let value) = example.target { members.append(.init("value", .number(value))) }
    return JSONValue.object(members).compactText
  }

  private static func example(_ line: String, labels: Int) throws -> LabelledExample {
    let object = try JSONValue(parsing: Array(line.utf8))
    guard let text = object["text"]?.text else { throw LineFault(reason: "it has no text") }
    var example = LabelledExample(text, pair: object["pair"]?.text)
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
}

private struct LineFault: Error {
  var reason: String
}
