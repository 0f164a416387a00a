import Artifacts
import Foundation
import Models
import RetortTesting
import Tensors
import Testing

/// Folders of the golden tiny BERT, whole and spoilt.
enum TinyFolders {
  static let heads: [(name: String, head: BertHead)] = [
    ("classifier", .classifier(labels: 3)), ("regression", .regression), ("maskedLM", .maskedLM),
  ]
  static let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + (5..<60).map { "w\($0)" }

  static func tokenizer(_ words: [String] = words) throws -> BertTokenizer {
    try BertTokenizer(table: TokenTable(words))
  }

  static func checkpoint(_ name: String, _ head: BertHead) throws -> BertCheckpoint {
    let tiny = try TinyBert(name, head: head)
    guard head.outputs > 1 else { return BertCheckpoint(tiny.bert, values: tiny.values) }
    var configuration = tiny.bert.configuration
    configuration.labels = ["bad", "fair", "good"]
    return BertCheckpoint(try Bert(configuration, head: head), values: tiny.values)
  }

  /// The golden classifier's folder with its tokenizer.
  static func write(_ name: String = "classifier", _ head: BertHead = .classifier(labels: 3), to folder: FilePath)
    throws
  {
    try checkpoint(name, head).write(to: folder)
    try tokenizer().write(to: folder)
  }

  /// Changes one member of `config.json`, given as JSON text; nil removes it.
  static func set(_ key: String, _ text: String?, in folder: FilePath) throws {
    let path = folder.appending("config.json")
    guard case .object(var members) = try JSONValue(parsing: Files.read(path)) else { return }
    members.removeAll { $0.name == key }
    if let text { members.append(.init(key, try JSONValue(parsing: Array(text.utf8)))) }
    try Files.replace(path, with: Array(JSONValue.object(members).prettyText.utf8), isDurable: false)
  }

  /// Rewrites the weights, each tensor renamed, changed or (nil) left out.
  static func rewrite(
    _ folder: FilePath, adding extra: [StoredTensor] = [],
    _ change: (_ name: String, _ shape: [Int], _ floats: [Float]) -> StoredTensor?
  ) throws {
    let path = folder.appending("model.safetensors")
    let file = try SafetensorsFile(at: path)
    let tensors = try file.header.entries.compactMap { change($0.name, $0.shape, try file.floats($0.name)) }
    try SafetensorsWriter.write(tensors + extra, to: path)
  }
}

/// The code of the error that an operation ends in.
func code(of body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    return (error as? RetortError)?.code.rawValue ?? "\(type(of: error))"
  }
}
