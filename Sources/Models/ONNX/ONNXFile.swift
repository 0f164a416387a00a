import Artifacts
import SwiftProtobuf

/// The bytes of a graph's file, ready to be written.
///
/// A protocol buffer is a sequence of tagged fields whose order is free: small parts are encoded by SwiftProtobuf, and the
/// tensors laid behind them one by one, so that no more than one is in memory twice.
struct ONNXFile {
  /// Up to the first tensor.
  private let beginning: [UInt8]
  /// Each tensor's field up to its numbers.
  private let tensors: [(header: [UInt8], tensor: StoredTensor)]
  let byteCount: Int

  /// What every reader of protocol buffers takes: one below 2 GiB.
  static let mostBytes = Int(Int32.max)

  /// Lays the file out; no tensor's bytes are made yet.
  ///
  /// - Throws: `onnx.tooLarge`.
  init(_ graph: ONNXGraph) throws {
    tensors = try graph.tensors.map { tensor in
      var message = ONNXTensorProto()
      (message.name, message.dims) = (tensor.name, tensor.shape.map(Int64.init))
      message.dataType = Int32(tensor.type.onnxType.rawValue)
      var description: [UInt8] = try message.serializedBytes()
      description += field(9, bytes: tensor.byteCount)
      return (field(5, bytes: description.count + tensor.byteCount) + description, tensor)
    }
    var message = ONNXGraphProto()
    (message.name, message.node) = ("retort", graph.nodes)
    (message.input, message.output) = (graph.inputs, graph.outputs)
    let rest: [UInt8] = try message.serializedBytes()
    let stored = tensors.reduce(0) { $0 + $1.header.count + $1.tensor.byteCount }
    let model: [UInt8] = try Self.model(opset: graph.opset).serializedBytes()
    beginning = model + field(7, bytes: rest.count + stored) + rest
    byteCount = beginning.count + stored
    guard byteCount <= Self.mostBytes else {
      throw refusal(
        "onnx.tooLarge", "The file would have \(byteCount) bytes; a protocol buffer holds at most \(Self.mostBytes).",
        remedy: "Quantize the model, or make it smaller.")
    }
  }

  /// The outer message without its graph.
  private static func model(opset: Int) -> ONNXModelProto {
    var model = ONNXModelProto()
    // The format's version that each operator set came with; readers refuse a later set in an earlier version.
    model.irVersion = opset >= 21 ? 10 : opset >= 19 ? 9 : 8
    model.producerName = "retort"
    var operators = ONNXOperatorSetIdProto()
    (operators.domain, operators.version) = ("", Int64(opset))
    model.opsetImport = [operators]
    return model
  }

  /// Gives all bytes in order, in pieces.
  func write(_ sink: ([UInt8]) throws -> Void) throws {
    try sink(beginning)
    for (header, tensor) in tensors {
      let bytes = try tensor.bytes()
      guard bytes.count == tensor.byteCount else {
        throw RetortError(
          "onnx.size", "Tensor “\(tensor.name)” has \(bytes.count) bytes, not \(tensor.byteCount).", blame: .internal)
      }
      try sink(header)
      try sink(bytes)
    }
  }
}

/// The beginning of a field of bytes: its number with wire type 2, and how many follow.
private func field(_ number: Int, bytes count: Int) -> [UInt8] {
  var field = [UInt8(number << 3 | 2)]
  var rest = count
  while rest > 0x7F {
    field.append(UInt8(rest & 0x7F) | 0x80)
    rest >>= 7
  }
  return field + [UInt8(rest)]
}

extension StoredTensor {
  fileprivate var byteCount: Int { shape.reduce(type.bits, *) / 8 }
}

extension ONNXModel {
  /// Bytes of the file.
  ///
  /// - Throws: `onnx.tooLarge`.
  public func byteCount() throws -> Int { try ONNXFile(graph).byteCount }

  /// Writes the file, holding one tensor's bytes at a time; equal models give equal bytes.
  ///
  /// - Throws: `onnx.tooLarge` for more than a protocol buffer may hold; errors of writing.
  public func write(to path: FilePath) throws {
    let content = try ONNXFile(graph)
    try Files.replace(path, isDurable: false) { file in
      var offset = 0
      try content.write { bytes in
        try file.write(bytes, at: offset)
        offset += bytes.count
      }
    }
  }

  /// The bytes of such a file.
  ///
  /// - Throws: `onnx.tooLarge`.
  public func bytes() throws -> [UInt8] {
    var bytes: [UInt8] = []
    try ONNXFile(graph).write { bytes += $0 }
    return bytes
  }
}
