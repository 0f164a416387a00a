import Artifacts
import Foundation
import Models
import Tensors

/// Small checkpoints as other programs would have written them.
enum TinyCheckpoint {
  static let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + (5..<40).map { "w\($0)" }

  static func configuration(_ labels: [String] = []) -> BertConfiguration {
    var configuration = BertConfiguration(
      vocabularySize: words.count, hiddenSize: 16, layerCount: 2, headCount: 2, intermediateSize: 24,
      maximumPositions: 32)
    configuration.labels = labels
    return configuration
  }

  /// Writes a folder with a head, and a description with a licence.
  static func write(_ head: BertHead, labels: [String] = [], to folder: FilePath) throws {
    try Files.makeFolder(folder)
    let bert = try Bert(configuration(labels), head: head)
    try BertCheckpoint(bert, values: bert.initialValues(seed: 7), otherSettings: [.init("_name", .string("tiny"))])
      .write(to: folder)
    try BertTokenizer(table: TokenTable(words)).write(to: folder)
    try Files.replace(folder.appending("README.md"), with: Array("---\nlicense: mit\n---\n# Tiny\n".utf8))
  }

  /// Every tensor of a folder: its name with type, shape and bytes.
  static func tensors(of folder: FilePath) throws -> [String: [UInt8]] {
    let file = try SafetensorsFile(at: folder.appending("model.safetensors"))
    var tensors: [String: [UInt8]] = [:]
    for entry in file.header.entries {
      tensors["\(entry.name) \(entry.type.rawValue) \(entry.shape)"] = try file.bytes(entry.name)
    }
    return tensors
  }
}
