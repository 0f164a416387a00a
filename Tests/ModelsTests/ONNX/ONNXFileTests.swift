import Artifacts
import Foundation
import SwiftProtobuf
import Tensors
import Testing

@testable import Models

/// What a file is made of, whatever it computes.
struct ONNXFileTests {
  static let models: [String] = ["classifier", "maskedLM", "opset 21", "int8", "int8 exact", "int8 static"]

  private func model(_ name: String) throws -> ONNXModel {
    let head: BertHead = name == "maskedLM" ? .maskedLM : .classifier(labels: 3)
    let tiny = try TinyBert(name == "maskedLM" ? name : "classifier", head: head)
    let dense = BertCheckpoint(tiny.bert, values: tiny.values)
    switch name {
    case "opset 21": return try ONNXModel(dense, options: .init(opset: 21))
    case "int8": return try ONNXModel(QuantizedCheckpoint(quantizing: dense))
    case "int8 exact":
      return try ONNXModel(QuantizedCheckpoint(quantizing: dense), options: .init(activations: .exact))
    case "int8 static":
      let ranges = try Calibration(dense).ranges(over: [tiny.batch])
      return try ONNXModel(QuantizedCheckpoint(quantizing: dense, convention: .fixed(), ranges: ranges))
    default: return try ONNXModel(dense)
    }
  }

  @Test("Names are unique, values are there before they are taken, and everything stored is used", arguments: models)
  func structure(name: String) throws {
    let message = try ONNXModelProto(serializedBytes: model(name).bytes())
    let graph = message.graph
    #expect(graph.input.map(\.name) == ["input_ids", "attention_mask", "token_type_ids"])
    #expect(graph.output.map(\.name) == ["logits"])
    var known = Set(graph.input.map(\.name) + graph.initializer.map(\.name))
    #expect(known.count == graph.input.count + graph.initializer.count)
    var used: Set<String> = []
    for node in graph.node {
      for input in node.input {
        #expect(known.contains(input), "\(node.name) takes \(input)")
        used.insert(input)
      }
      for output in node.output { #expect(known.insert(output).inserted, "\(output) is given twice") }
    }
    #expect(Set(graph.node.map(\.name)).count == graph.node.count)
    for tensor in graph.initializer { #expect(used.contains(tensor.name), "nobody takes \(tensor.name)") }
    for output in graph.output { #expect(known.contains(output.name)) }
  }

  @Test("Shapes and types are declared, and the bytes are as many as the shapes say", arguments: models)
  func declarations(name: String) throws {
    let message = try ONNXModelProto(serializedBytes: model(name).bytes())
    #expect(message.producerName == "retort" && message.irVersion == (name == "opset 21" ? 10 : 8))
    #expect(message.opsetImport.map(\.version) == [name == "opset 21" ? 21 : 18])
    for input in message.graph.input {
      let type = input.type.tensorType
      #expect(type.elemType == 7 && type.shape.dim.map(\.dimParam) == ["batch_size", "sequence_length"])
    }
    let output = try #require(message.graph.output.first).type.tensorType
    #expect(output.elemType == 1)
    #expect(output.shape.dim.map(\.dimValue) == (name == "maskedLM" ? [0, 0, 60] : [0, 3]))
    for tensor in message.graph.initializer { _ = try GraphValue(tensor) }
  }

  @Test("The bytes by hand are those that SwiftProtobuf would write in another order", arguments: models)
  func roundTrip(name: String) throws {
    let model = try model(name)
    let bytes = try model.bytes()
    #expect(try bytes.count == model.byteCount())
    #expect(try bytes == self.model(name).bytes())
    let message = try ONNXModelProto(serializedBytes: bytes)
    let again: [UInt8] = try message.serializedBytes()
    #expect(again.count == bytes.count)
    #expect(try ONNXModelProto(serializedBytes: again) == message)
    // Nothing was passed over as unknown.
    #expect(message.unknownFields.data.isEmpty && message.graph.unknownFields.data.isEmpty)
    try withTemporaryFolder { folder in
      try model.write(to: folder.appending("model.onnx"))
      #expect(try Files.read(folder.appending("model.onnx")) == bytes)
      #expect(try Files.names(in: folder) == ["model.onnx"])
    }
  }

  @Test func readableNames() throws {
    let names = Set(try model("classifier").graph.nodes.map(\.name))
    #expect(names.contains("bert.encoder.layer.1.attention.self.query/MatMul"))
    #expect(names.contains("bert.encoder.layer.0.output.LayerNorm/LayerNormalization"))
  }

  @Test(arguments: [0, 17, 22])
  func otherOperatorSetsAreRefused(opset: Int) throws {
    let tiny = try TinyBert("classifier", head: .classifier(labels: 3))
    let dense = BertCheckpoint(tiny.bert, values: tiny.values)
    #expect(code { _ = try ONNXModel(dense, options: .init(opset: opset)) } == "onnx.opset")
    let quantized = try QuantizedCheckpoint(quantizing: dense)
    #expect(code { _ = try ONNXModel(quantized, options: .init(opset: opset)) } == "onnx.opset")
  }

  @Test("What no protocol buffer holds is refused before any byte is made")
  func tooLarge() throws {
    var graph = ONNXGraph(opset: 18)
    let huge = StoredTensor(name: "words", type: .f32, shape: [1 << 15, 1 << 14]) {
      throw GraphFault("it was asked for")
    }
    graph.store(huge)
    #expect(code { _ = try ONNXFile(graph) } == "onnx.tooLarge")
    var wrong = ONNXGraph(opset: 18)
    wrong.store(StoredTensor(name: "words", type: .f32, shape: [2]) { [0] })
    #expect(code { try ONNXFile(wrong).write { _ in } } == "onnx.size")
  }

  @Test("A folder has what its readers look for")
  func folder() throws {
    try withTemporaryFolder { folder in
      let (dense, small, target) = (folder.appending("a"), folder.appending("b"), folder.appending("c"))
      for path in [dense, small, target] { try Files.makeFolder(path) }
      try TinyFolders.write(to: dense)
      try QuantizedCheckpoint.quantize(dense, into: small)
      #expect(try !ONNXModel.export(dense, into: target).isQuantized)
      #expect(try ONNXModel.export(small, into: target).isQuantized)
      #expect(try Files.names(in: target) == ["config.json", "onnx", "tokenizer_config.json", "vocab.txt"])
      #expect(try Files.names(in: target.appending("onnx")) == ["model.onnx", "model_quantized.onnx"])
      let stored = try FolderConfiguration(folder: target)
      #expect(stored.form == .dense && stored.configuration.labels == ["bad", "fair", "good"])
    }
  }
}
