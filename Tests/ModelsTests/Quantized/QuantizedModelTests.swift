import Artifacts
import Foundation
import Models
import RetortTesting
import Tensors
import Testing

/// Quantized models as wholes: their folders, their answers, what must not change a bit.
struct QuantizedModelTests {
  static let conventions = Int8Convention.Granularity.allCases.flatMap { granularity in
    Int8Convention.Grid.allCases.map { Int8Convention(granularity: granularity, grid: $0) }
  }

  @Test(arguments: conventions)
  func aFolderComesBackAsItWas(convention: Int8Convention) throws {
    try withTemporaryFolder { folder in
      let (dense, small) = (folder.appending("dense"), folder.appending("small"))
      try Files.makeFolder(dense)
      try Files.makeFolder(small)
      try TinyFolders.write(to: dense)
      try TinyFolders.set("note", #""kept""#, in: dense)
      let quantized = try QuantizedCheckpoint.quantize(dense, into: small, convention: convention)
      let again = try QuantizedCheckpoint(folder: small)
      #expect(again.bert == quantized.bert && again.convention == convention)
      #expect(again.matrices == quantized.matrices && again.vectors == quantized.vectors)
      #expect(again.otherSettings.map(\.name).contains("note"))
      #expect(try Files.names(in: small) == Files.names(in: dense))
      let first = try Files.read(small.appending("model.safetensors"))
      try again.write(to: small)
      #expect(try Files.read(small.appending("model.safetensors")) == first)
      #expect(try ModelFolder.parameterCount(of: small) == ModelFolder.parameterCount(of: dense))

      // The same answers from the folder as from memory, and close to the dense model's.
      let model = try InferenceModel(folder: small)
      #expect(model.precision == "int8" && model.labels == ["bad", "fair", "good"])
      let texts = ["w7 w8 w9", "w30", "w12 w13 w14 w15 w16"]
      let answers = try model.logits(of: texts)
      #expect(try answers == InferenceModel(quantized).logits(model.batch(of: texts)))
      let whole = try InferenceModel(folder: dense).logits(of: texts)
      #expect(relativeDifference(answers.flatMap { $0 }, whole.flatMap { $0 }) < 0.1)
      #expect(answers != whole)
    }
  }

  @Test func theFileIsAboutAQuarter() throws {
    let configuration = BertConfiguration(
      vocabularySize: 2_000, hiddenSize: 128, layerCount: 2, headCount: 2, intermediateSize: 512,
      maximumPositions: 64)
    let bert = try Bert(configuration, head: .classifier(labels: 2))
    let dense = BertCheckpoint(bert, values: bert.initialValues(seed: 1))
    try withTemporaryFolder { folder in
      try dense.write(to: folder)
      let before = try ModelFolder.bytes(in: folder)
      try QuantizedCheckpoint(quantizing: dense).write(to: folder)
      let share = try Double(ModelFolder.bytes(in: folder)) / Double(before)
      #expect(share > 0.25 && share < 0.28)
    }
  }

  @Test(arguments: conventions)
  func threadsChangeNoBit(convention: Int8Convention) throws {
    let tiny = try TinyBert("classifier", head: .classifier(labels: 3))
    let dense = BertCheckpoint(tiny.bert, values: tiny.values)
    let model = try InferenceModel(QuantizedCheckpoint(quantizing: dense, convention: convention))
    let logits = try model.logits(tiny.batch)
    for threads in 1...3 { #expect(try model.logits(tiny.batch, on: ThreadTeam(threads)) == logits) }
    let alone = try (0..<tiny.batch.sequenceCount).flatMap { try model.logits(tiny.batch.slice($0..<$0 + 1)) }
    // A scale a row makes an answer independent of its neighbours; a scale a tensor does not.
    #expect((alone == logits) == (convention.granularity == .row))
  }

  /// The tied decoder and the embeddings use the same integers.
  @Test func maskedLM() throws {
    let tiny = try TinyBert("maskedLM", head: .maskedLM)
    let quantized = try QuantizedCheckpoint(quantizing: BertCheckpoint(tiny.bert, values: tiny.values))
    let rows = try tiny.integers("rows")
    let logits = try InferenceModel(quantized).wordLogits(tiny.batch, at: rows).flatMap { $0 }
    let whole = try InferenceModel(quantized.dequantized()).wordLogits(tiny.batch, at: rows).flatMap { $0 }
    #expect(relativeDifference(logits, whole) < 0.1)
  }

  struct Spoilt: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var code: String
    var names: [String]
    var change: @Sendable (_ tensor: StoredTensor, _ file: SafetensorsFile) throws -> StoredTensor? = { tensor, _ in
      tensor
    }
    var spoil: @Sendable (FilePath) throws -> Void = { _ in }
  }

  private static func change(
    _ what: String, _ code: String, _ name: String, _ names: [String],
    _ change: @escaping @Sendable (SafetensorsFile) throws -> StoredTensor?
  ) -> Spoilt {
    Spoilt(
      testDescription: what, code: code, names: [name] + names,
      change: { tensor, file in tensor.name == name ? try change(file) : tensor })
  }

  private static func convention(_ what: String, _ json: String, _ field: String) -> Spoilt {
    Spoilt(
      testDescription: what, code: "model.badConfiguration", names: [field],
      spoil: { try TinyFolders.set("retort_quantization", json, in: $0) })
  }

  static let spoilt: [Spoilt] = [
    change("no scales", "model.missingTensor", "classifier.weight.scale", ["[3]"]) { _ in nil },
    change("no integers", "model.missingTensor", "classifier.weight", ["[3, 24]"]) { _ in nil },
    change("no bias", "model.missingTensor", "classifier.bias", ["[3]"]) { _ in nil },
    change("another shape", "model.shape", "classifier.weight", ["[24, 3]", "[3, 24]"]) { file in
      StoredTensor("classifier.weight", shape: [24, 3], int8: try file.integers("classifier.weight").map { Int8($0) })
    },
    change("too few scales", "model.shape", "classifier.weight.scale", ["[2]", "[3]"]) { _ in
      StoredTensor("classifier.weight.scale", shape: [2], floats: [1, 1])
    },
    change("floats for integers", "model.badInteger", "classifier.weight", ["I8"]) { _ in
      StoredTensor("classifier.weight", shape: [3, 24], floats: Array(repeating: 1, count: 72))
    },
    change("−128", "model.badInteger", "classifier.weight", ["element 5"]) { file in
      var values = try file.integers("classifier.weight").map { Int8($0) }
      values[5] = -128
      return StoredTensor("classifier.weight", shape: [3, 24], int8: values)
    },
    change("a scale of zero", "model.badScale", "classifier.weight.scale", ["element 1"]) { _ in
      StoredTensor("classifier.weight.scale", shape: [3], floats: [1, 0, 1])
    },
    change("a scale that is NaN", "model.notFinite", "classifier.weight.scale", ["element 2"]) { _ in
      StoredTensor("classifier.weight.scale", shape: [3], floats: [1, 1, .nan])
    },
    change("an infinite bias", "model.notFinite", "classifier.bias", ["element 0"]) { _ in
      StoredTensor("classifier.bias", shape: [3], floats: [.infinity, 1, 1])
    },
    convention("four bits", #"{"weight_bits": 4}"#, "weight_bits"),
    convention(
      "an unknown grid",
      #"{"weight_bits": 8, "weight_granularity": "row", "weight_grid": "symmetric", "activation_granularity": "row", "#
        + #""activation_grid": "log"}"#, "activation_grid"),
    convention("no object", "[]", "weight_bits"),
  ]

  @Test(arguments: spoilt)
  func isRefused(spoilt: Spoilt) throws {
    try withTemporaryFolder { folder in
      let dense = try TinyFolders.checkpoint("classifier", .classifier(labels: 3))
      try QuantizedCheckpoint(quantizing: dense).write(to: folder)
      try TinyFolders.tokenizer().write(to: folder)
      try spoilt.spoil(folder)
      let path = folder.appending("model.safetensors")
      let file = try SafetensorsFile(at: path)
      let tensors = try file.header.entries.compactMap { entry -> StoredTensor? in
        let bytes = try file.bytes(entry.name)
        return try spoilt.change(
          StoredTensor(name: entry.name, type: entry.type, shape: entry.shape) { bytes }, file)
      }
      try SafetensorsWriter.write(tensors, to: path)
      do {
        _ = try InferenceModel(folder: folder)
        Issue.record("It was read.")
      } catch let error as RetortError {
        #expect(error.code.rawValue == spoilt.code, "\(error)")
        for name in spoilt.names { #expect("\(error)".contains(name), "\(error)") }
      }
    }
  }

  @Test func theWrongForm() throws {
    try withTemporaryFolder { folder in
      let dense = try TinyFolders.checkpoint("classifier", .classifier(labels: 3))
      try dense.write(to: folder)
      #expect(code { _ = try QuantizedCheckpoint(folder: folder) } == "model.dense")
      try QuantizedCheckpoint(quantizing: dense).write(to: folder)
      #expect(code { _ = try BertCheckpoint(folder: folder) } == "model.quantized")
      dense.values.write([.nan], at: 3)
      #expect(code { _ = try QuantizedCheckpoint(quantizing: dense) } == "model.notFinite")
    }
  }
}
