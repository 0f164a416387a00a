import Artifacts
import FoundationEssentials
import Models

/// Writes the folder of a `TaskData` example by example: `examples.jsonl`, and in the end `schema.json`.
public final class TaskWriter<Kind: TaskKind> {
  private let folder: FilePath
  private let lines: StreamedFile
  private var isPaired = false
  /// The examples so far.
  public private(set) var count = 0

  /// - Parameter folder: an empty one.
  /// - Throws: `file.read-only`, `disk.full` and the like.
  public init(to folder: FilePath) throws {
    self.folder = folder
    lines = try StreamedFile(folder.appending(TaskFiles.examples))
  }

  public func append(_ example: LabelledExample) throws {
    isPaired = isPaired || example.pair != nil
    count += 1
    try lines.append { ExampleLine.write(example, to: &$0) }
  }

  /// Ends the folder.
  ///
  /// - Parameters:
  ///   - labels: names of the classes or tags in order; empty for numbers.
  ///   - unretrieved: see `TaskSchema.unretrieved`.
  public func finish(labels: [String], unretrieved: [String: [Double]]? = nil) throws -> TaskData<Kind> {
    try lines.flush()
    var schema = TaskSchema(kind: Kind.name, labels: labels, isPaired: isPaired, examples: count)
    schema.unretrieved = unretrieved
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try writeFile(Array(try encoder.encode(schema)) + [10], to: folder.appending(TaskFiles.schema))
    var facts = Facts()
    facts.labels = labels.isEmpty ? nil : labels
    facts.examples = count
    facts.isPaired = isPaired
    return TaskData(folder: folder, facts: facts)
  }
}

/// The names of the files in the folder of a `TaskData`.
enum TaskFiles {
  static let schema = "schema.json"
  static let examples = "examples.jsonl"
}
