import Artifacts
import Foundation
import Models
import Tensors
import Testing

/// Weights in shards, under other programs' prefixes, and in forms that are refused.
struct WeightFilesTests {
  /// The BERT classifier's tensors, to be written in other ways.
  private static let source = FamilyFolder.named("bert-classifier")

  private func tensors(_ rename: (String) -> String = { $0 }) throws -> [StoredTensor] {
    let file = try Self.source.weights
    return try file.names.map { StoredTensor(rename($0), shape: try file.entry($0).shape, floats: try file.floats($0)) }
  }

  private func withFolder(_ body: (FilePath) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try FileManager.default.copyItem(
        atPath: Self.source.path.appending("config.json").string, toPath: folder.appending("config.json").string)
      try body(folder)
    }
  }

  private func write(_ text: String, _ path: FilePath) throws {
    try text.write(toFile: path.string, atomically: true, encoding: .utf8)
  }

  private func writeShards(
    _ folder: FilePath, _ map: (Int, String) -> String = { index, _ in "part-\(index % 3).safetensors" }
  ) throws {
    let all = try tensors().enumerated().map { (map($0.offset, $0.element.name), $0.element) }
    for (file, members) in Dictionary(grouping: all, by: \.0) {
      try SafetensorsWriter.write(members.map(\.1), to: folder.appending(file))
    }
    let entries = all.map { "\"\($0.1.name)\": \"\($0.0)\"" }.joined(separator: ", ")
    try write("{\"metadata\": {}, \"weight_map\": {\(entries)}}", folder.appending("model.safetensors.index.json"))
  }

  @Test func shards() throws {
    let whole = try BertCheckpoint(folder: Self.source.path)
    try withFolder { folder in
      try writeShards(folder)
      let sharded = try BertCheckpoint(folder: folder)
      #expect(sharded.values[0..<sharded.values.count] == whole.values[0..<whole.values.count])
      #expect(sharded.report.loaded == whole.report.loaded)
    }
  }

  @Test func shardThatIsMissing() throws {
    try withFolder { folder in
      try writeShards(folder)
      try FileManager.default.removeItem(atPath: folder.appending("part-1.safetensors").string)
      #expect(throws: RetortError.self) { try BertCheckpoint(folder: folder) }
    }
  }

  @Test(arguments: ["../part-0.safetensors", "/tmp/x.safetensors", ".hidden.safetensors", "part-0.bin"])
  func shardsOutsideTheFolder(name: String) throws {
    try withFolder { folder in
      try write(
        "{\"weight_map\": {\"classifier.bias\": \"\(name)\"}}", folder.appending("model.safetensors.index.json"))
      let error = #expect(throws: RetortError.self) { try BertCheckpoint(folder: folder) }
      #expect(error?.code == "model.badIndex")
    }
  }

  @Test func tensorThatIsNotInItsShard() throws {
    try withFolder { folder in
      try writeShards(folder)
      try write(
        "{\"weight_map\": {\"absent\": \"part-0.safetensors\"}}", folder.appending("model.safetensors.index.json"))
      let error = #expect(throws: RetortError.self) { try BertCheckpoint(folder: folder) }
      #expect(error?.code == "model.badIndex")
    }
  }

  /// `SentenceTransformer`, a wrapper of one's own, a bare encoder under a head.
  @Test(arguments: ["0.auto_model.", "model.bert.", ""])
  func prefixes(prefix: String) throws {
    try withFolder { folder in
      let outer = prefix.hasSuffix("bert.") ? String(prefix.dropLast(5)) : ""
      let renamed = try tensors { $0.hasPrefix("bert.") ? prefix + $0.dropFirst(5) : outer + $0 }
      try SafetensorsWriter.write(renamed, to: folder.appending("model.safetensors"))
      let report = try BertCheckpoint(folder: folder).report
      #expect(report.new.isEmpty && report.unused.isEmpty)
    }
  }

  @Test(arguments: ["pytorch_model.bin", "tf_model.h5"])
  func pickles(name: String) throws {
    try withFolder { folder in
      try write("", folder.appending(name))
      let error = #expect(throws: RetortError.self) { try BertCheckpoint(folder: folder) }
      #expect(error?.code == "model.pickle")
      #expect(error?.remedy.contains("save_pretrained") == true)
    }
  }

  @Test func groupsOfSeveralBlocksAreRefused() throws {
    try withTemporaryFolder { folder in
      let albert = FamilyFolder.named("albert-classifier").path
      var text = try String(contentsOfFile: albert.appending("config.json").string, encoding: .utf8)
      text = text.replacing("\"inner_group_num\": 1", with: "\"inner_group_num\": 2")
      try write(text, folder.appending("config.json"))
      let error = #expect(throws: RetortError.self) { try BertCheckpoint(folder: folder) }
      #expect(error?.code == "model.unsupported")
    }
  }
}
