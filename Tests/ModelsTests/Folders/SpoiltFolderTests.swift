import Artifacts
import Foundation
import Models
import RetortTesting
import Tensors
import Testing

/// What users' folders may hold, each with the error it ends in.
struct SpoiltFolderTests {
  struct Spoilt: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var code: String
    /// What the sentence or place must name.
    var names: [String] = []
    var spoil: @Sendable (FilePath) throws -> Void
  }

  private static func set(_ key: String, _ text: String?) -> @Sendable (FilePath) throws -> Void {
    { try TinyFolders.set(key, text, in: $0) }
  }

  static let cases: [Spoilt] = [
    Spoilt(testDescription: "no config", code: "file.missing", names: ["config.json"]) {
      try Files.remove($0.appending("config.json"))
    },
    Spoilt(testDescription: "no weights", code: "file.missing", names: ["model.safetensors"]) {
      try Files.remove($0.appending("model.safetensors"))
    },
    Spoilt(testDescription: "config cut short", code: "model.badConfiguration", names: ["config.json", "JSON"]) {
      let path = $0.appending("config.json")
      try Files.replace(path, with: Array(Files.read(path).dropLast(9)), isDurable: false)
    },
    Spoilt(testDescription: "config is a list", code: "model.badConfiguration") {
      try Files.replace($0.appending("config.json"), with: Array("[]".utf8), isDurable: false)
    },
    Spoilt(
      testDescription: "a word for a size", code: "model.badConfiguration", names: ["hidden_size"],
      spoil: set("hidden_size", #""wide""#)),
    Spoilt(
      testDescription: "heads do not divide", code: "model.badConfiguration", names: ["num_attention_heads 5"],
      spoil: set("num_attention_heads", "5")),
    Spoilt(
      testDescription: "a gap in the labels", code: "model.badConfiguration", names: ["id2label"],
      spoil: set("id2label", #"{"0": "a", "2": "b"}"#)),
    Spoilt(
      testDescription: "another family", code: "model.unsupported", names: ["gpt2", "model_type"],
      spoil: set("model_type", #""gpt2""#)),
    Spoilt(
      testDescription: "relative positions", code: "model.unsupported", names: ["relative_key"],
      spoil: set("position_embedding_type", #""relative_key""#)),
    Spoilt(
      testDescription: "a decoder", code: "model.unsupported", names: ["is_decoder"], spoil: set("is_decoder", "true")),
    Spoilt(
      testDescription: "an unknown activation", code: "model.badConfiguration", names: ["swish"],
      spoil: set("hidden_act", #""swish""#)),
    Spoilt(
      testDescription: "a smaller vocabulary", code: "model.shape", names: ["word_embeddings", "[60, 24]", "[59, 24]"],
      spoil: set("vocab_size", "59")),
    Spoilt(
      testDescription: "more blocks than weights", code: "model.missingTensor", names: ["bert.encoder.layer.2."],
      spoil: set("num_hidden_layers", "3")),
    Spoilt(
      testDescription: "more classes than weights", code: "model.shape", names: ["classifier.weight", "[3, 24]"],
      spoil: set("id2label", #"{"0": "a", "1": "b", "2": "c", "3": "d"}"#)),
    Spoilt(testDescription: "weights cut short", code: "safetensors.outOfRange") {
      let path = $0.appending("model.safetensors")
      try Files.replace(path, with: Array(Files.read(path).dropLast(1_000)), isDurable: false)
    },
    Spoilt(testDescription: "weights empty", code: "safetensors.truncated") {
      try Files.replace($0.appending("model.safetensors"), with: [], isDurable: false)
    },
    Spoilt(testDescription: "no classifier", code: "model.missingTensor", names: ["classifier.weight", "[3, 24]"]) {
      try TinyFolders.rewrite($0) { name, shape, floats in
        name == "classifier.weight" ? nil : StoredTensor(name, shape: shape, floats: floats)
      }
    },
    Spoilt(testDescription: "NaN", code: "model.notFinite", names: ["bert.pooler.dense.bias", "element 3"]) {
      try TinyFolders.rewrite($0) { name, shape, floats in
        var floats = floats
        if name == "bert.pooler.dense.bias" { floats[3] = .nan }
        return StoredTensor(name, shape: shape, floats: floats)
      }
    },
    Spoilt(testDescription: "infinity from F16", code: "model.notFinite", names: ["classifier.weight"]) {
      try TinyFolders.rewrite($0) { name, shape, floats in
        guard name == "classifier.weight" else { return StoredTensor(name, shape: shape, floats: floats) }
        return StoredTensor(name, shape: shape, asF16: floats.map { $0 * 1e6 })
      }
    },
    Spoilt(testDescription: "integers for weights", code: "safetensors.notReal", names: ["classifier.bias"]) {
      try TinyFolders.rewrite($0) { name, shape, floats in
        guard name == "classifier.bias" else { return StoredTensor(name, shape: shape, floats: floats) }
        return StoredTensor(name, shape: shape, int32: [1, 2, 3])
      }
    },
    Spoilt(
      testDescription: "int8 without its convention", code: "model.badConfiguration", names: ["retort_quantization"],
      spoil: set("model_type", #""retort-bert-int8""#)),
  ]

  @Test(arguments: cases)
  func isRefused(spoilt: Spoilt) throws {
    try withTemporaryFolder { folder in
      try TinyFolders.write(to: folder)
      try spoilt.spoil(folder)
      do {
        _ = try BertCheckpoint(folder: folder)
        Issue.record("It was read.")
      } catch let error as RetortError {
        #expect(error.code.rawValue == spoilt.code, "\(error)")
        for name in spoilt.names { #expect("\(error)".contains(name), "\(error)") }
      }
    }
  }

  @Test func tooManyTokensAreRefused() throws {
    try withTemporaryFolder { folder in
      try TinyFolders.write(to: folder)
      try TinyFolders.tokenizer(TinyFolders.words + ["one more"]).write(to: folder)
      #expect(code { _ = try ModelFolder.tokenizer(of: folder, for: TinyBert.configuration) } == "model.vocabulary")
    }
  }

  @Test func aDivergedModelIsNotWritten() throws {
    try withTemporaryFolder { folder in
      let checkpoint = try TinyFolders.checkpoint("classifier", .classifier(labels: 3))
      checkpoint.values.write([.infinity], at: 100)
      #expect(code { try checkpoint.write(to: folder) } == "model.notFinite")
      #expect(try Files.names(in: folder).isEmpty)
    }
  }
}
