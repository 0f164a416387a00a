import Artifacts
import FoundationEssentials

// The folder of a `TaskData`: `schema.json`, and `examples.jsonl` with one example a line (see `ExampleLine`).
extension TaskData {
  /// Writes a set of examples into an empty folder.
  ///
  /// - Parameter labels: names of the classes in order; empty for regression.
  /// - Throws: `file.read-only`, `disk.full` and the like.
  public init(writing examples: some Sequence<LabelledExample>, labels: [String], to folder: FilePath) throws {
    let writer = try TaskWriter<Kind>(to: folder)
    for example in examples { try writer.append(example) }
    self = try writer.finish(labels: labels)
  }

  /// What the folder says of all its examples.
  ///
  /// - Throws: `file.missing`, `file.unreadable`, `data.schema`.
  public func schema() throws -> TaskSchema {
    let path = folder.appending(TaskFiles.schema)
    return try Self.schema(fileBytes(path, named: path.string), named: path.string)
  }

  static func schema(_ bytes: [UInt8], named name: String) throws -> TaskSchema {
    let schema: TaskSchema
    do {
      schema = try JSONDecoder().decode(TaskSchema.self, from: Data(bytes))
    } catch {
      throw RetortError(
        "data.schema", "It does not describe a set of examples: \(error).", remedy: "Import the data again.",
        at: Place(file: name), cause: error)
    }
    guard schema.kind == Kind.name || Kind.self == AnyTask.self else {
      throw RetortError(
        "data.schema", "The examples are for “\(schema.kind)”, not “\(Kind.name)”.",
        remedy: "Give data of the kind that is asked for.", at: Place(file: name))
    }
    return schema
  }

  /// All examples, in order.
  ///
  /// - Throws: as `forEachExample`.
  public func examples() throws -> [LabelledExample] {
    var examples: [LabelledExample] = []
    try forEachExample { examples.append($0) }
    return examples
  }

  /// Reads the examples one after the other: the set may be larger than memory.
  ///
  /// - Throws: `file.missing`, `file.unreadable`, `file.encoding`, `data.example` with the line; what `body` throws.
  public func forEachExample(_ body: (LabelledExample) throws -> Void) throws {
    let schema = try schema()
    var lines = try LineReader(reading: folder.appending(TaskFiles.examples))
    try Self.forEachExample(of: schema, in: &lines, body)
  }

  static func forEachExample(
    of schema: TaskSchema, in lines: inout LineReader, _ body: (LabelledExample) throws -> Void
  ) throws {
    while let line = try lines.next() {
      let example: LabelledExample
      do throws(LineFault) {
        example = try ExampleLine.read(line, labels: schema.labels.count)
      } catch {
        throw RetortError(
          "data.example", "The line is no example: \(error.reason).", remedy: "Import the data again.",
          at: Place(file: lines.name, line: lines.number))
      }
      try body(example)
    }
    guard lines.number == schema.examples else {
      throw RetortError(
        "data.example", "There are \(lines.number) examples; the schema says \(schema.examples).",
        remedy: "Import the data again.", at: Place(file: lines.name))
    }
  }
}
