import Artifacts
import Foundation
import Models
import RetortTesting
import Tensors
import Testing

struct BertCheckpointTests {
  @Test(arguments: 0..<3)
  func aFolderComesBackAsItWas(index: Int) throws {
    let (name, head) = TinyFolders.heads[index]
    try withTemporaryFolder { folder in
      let checkpoint = try TinyFolders.checkpoint(name, head)
      try checkpoint.write(to: folder)
      let again = try BertCheckpoint(folder: folder)
      #expect(again.bert == checkpoint.bert)
      #expect(again.values[0..<again.values.count] == checkpoint.values[0..<checkpoint.values.count])
      #expect(again.report.loaded == checkpoint.bert.layout.entries.map(\.name))
      #expect(again.report.new.isEmpty && again.report.unused.isEmpty && again.report.ignored.isEmpty)
      #expect(try ModelFolder.parameterCount(of: folder) == checkpoint.bert.layout.parameterCount)
    }
  }

  @Test func equalModelsGiveEqualBytes() throws {
    func bytes() throws -> [[UInt8]] {
      try withTemporaryFolder { folder in
        try TinyFolders.write(to: folder)
        let names = try Files.names(in: folder)
        #expect(names == ["config.json", "model.safetensors", "tokenizer_config.json", "vocab.txt"])
        let contents = try names.map { try Files.read(folder.appending($0)) }
        #expect(try ModelFolder.bytes(in: folder) == contents.reduce(0) { $0 + $1.count })
        return contents
      }
    }
    #expect(try bytes() == bytes())
  }

  /// The file that the reference writes for a bare encoder: no prefix, position numbers, here without a pooler.
  @Test func anEncoderOfTheReference() throws {
    try withTemporaryFolder { folder in
      try TinyFolders.write("maskedLM", .maskedLM, to: folder)
      try TinyFolders.set("architectures", #"["BertModel"]"#, in: folder)
      let positions = StoredTensor("embeddings.position_ids", shape: [1, 40], int64: Array(0..<40))
      try TinyFolders.rewrite(folder, adding: [positions]) { name, shape, floats in
        guard name.hasPrefix("bert.") else { return StoredTensor(name, shape: shape, floats: floats) }
        let old = name.replacing("LayerNorm.weight", with: "LayerNorm.gamma")
        return StoredTensor(
          String(old.replacing("LayerNorm.bias", with: "LayerNorm.beta").dropFirst(5)), shape: shape, floats: floats)
      }
      let checkpoint = try BertCheckpoint(folder: folder, seed: 7)
      #expect(checkpoint.bert.head == .encoder)
      #expect(checkpoint.report.new == ["bert.pooler.dense.weight", "bert.pooler.dense.bias"])
      #expect(checkpoint.report.ignored == ["embeddings.position_ids"])
      #expect(checkpoint.report.unused.allSatisfy { $0.hasPrefix("cls.predictions.") })
      #expect(checkpoint.report.unused.count == 5)
      let tiny = try TinyBert("maskedLM", head: .maskedLM)
      for entry in tiny.bert.layout.entries where entry.name.hasPrefix("bert.") {
        let place = try checkpoint.bert.layout.entry(entry.name)
        #expect(checkpoint.values[place.range] == tiny.values[entry.range], "\(entry.name)")
      }
      let fresh: FlatBuffer<Float> = checkpoint.bert.initialValues(seed: 7)
      let pooler = try checkpoint.bert.layout.entry("bert.pooler.dense.weight").range
      #expect(checkpoint.values[pooler] == fresh[pooler])
    }
  }

  @Test func anotherHeadIsDrawnAfresh() throws {
    try withTemporaryFolder { folder in
      try TinyFolders.write(to: folder)
      let five = try BertCheckpoint(folder: folder, head: .classifier(labels: 5), labels: ["a", "b", "c", "d", "e"])
      #expect(five.report.new == ["classifier.weight", "classifier.bias"])
      #expect(five.report.unused == ["classifier.weight", "classifier.bias"].sorted())
      #expect(five.bert.configuration.labels.count == 5)
      let words = try BertCheckpoint(folder: folder, head: .maskedLM)
      #expect(words.report.new.allSatisfy { $0.hasPrefix("cls.predictions.") } && words.report.new.count == 5)
      #expect(words.bert.configuration.labels.isEmpty)
    }
  }

  @Test func unknownSettingsSurvive() throws {
    try withTemporaryFolder { folder in
      try TinyFolders.write(to: folder)
      try TinyFolders.set("task_specific_params", #"{"b": [1, 2.50, null], "a": "ü"}"#, in: folder)
      try TinyFolders.set("torch_dtype", #""float16""#, in: folder)
      let checkpoint = try BertCheckpoint(folder: folder)
      try checkpoint.write(to: folder)
      let config = try JSONValue(parsing: Files.read(folder.appending("config.json")))
      #expect(config["task_specific_params"]?.compactText == #"{"b":[1,2.50,null],"a":"ü"}"#)
      #expect(config["torch_dtype"] == nil)
      #expect(config["id2label"]?.compactText == #"{"0":"bad","1":"fair","2":"good"}"#)
      #expect(try BertCheckpoint(folder: folder).otherSettings == checkpoint.otherSettings)
    }
  }

  /// The reference leaves out two classes without names, and tells a regression by its single one.
  @Test func classesWithoutNames() throws {
    try withTemporaryFolder { folder in
      let bert = try Bert(TinyBert.configuration, head: .classifier(labels: 2))
      try BertCheckpoint(bert, values: bert.initialValues(seed: 3)).write(to: folder)
      #expect(try BertCheckpoint(folder: folder).bert.configuration.labels == ["LABEL_0", "LABEL_1"])
      for key in ["id2label", "label2id"] { try TinyFolders.set(key, nil, in: folder) }
      #expect(try BertCheckpoint(folder: folder).bert.head == .classifier(labels: 2))
      #expect(throws: RetortError.self) {
        try TinyFolders.set("num_labels", "3", in: folder)
        _ = try BertCheckpoint(folder: folder)
      }
    }
  }

  @Test func aTiedCopyIsIgnoredAndAnUntiedDecoderRefused() throws {
    try withTemporaryFolder { folder in
      try TinyFolders.write("maskedLM", .maskedLM, to: folder)
      let tiny = try TinyBert("maskedLM", head: .maskedLM)
      var words = tiny.values[try tiny.bert.layout.entry("bert.embeddings.word_embeddings.weight").range]
      for changes in [false, true] {
        if changes { words[5] += 1 }
        let decoder = StoredTensor("cls.predictions.decoder.weight", shape: [60, 24], floats: words)
        try TinyFolders.rewrite(folder, adding: [decoder]) { name, shape, floats in
          name.hasPrefix("cls.predictions.decoder") ? nil : StoredTensor(name, shape: shape, floats: floats)
        }
        if changes {
          #expect(code { _ = try BertCheckpoint(folder: folder) } == "model.unsupported")
        } else {
          #expect(try BertCheckpoint(folder: folder).report.ignored == ["cls.predictions.decoder.weight"])
        }
      }
    }
  }

  /// Folders for `Tests/Conformance/folders.py`, written where the variable says.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["RETORT_CONFORMANCE"] != nil))
  func foldersForTheReference() throws {
    let root = FilePath(ProcessInfo.processInfo.environment["RETORT_CONFORMANCE"] ?? ".")
    for (name, head) in TinyFolders.heads + [("encoder", .encoder)] {
      let folder = root.appending(name)
      try Files.makeFolder(folder)
      if head == .encoder {
        let bert = try Bert(TinyBert.configuration, head: .encoder)
        try BertCheckpoint(bert, values: bert.initialValues(seed: 1)).write(to: folder)
        try TinyFolders.tokenizer().write(to: folder)
      } else {
        try TinyFolders.write(name, head, to: folder)
      }
    }
  }
}
