import Foundation
import Testing

@testable import Models

/// The interpreter against the ONNX project's own vectors, so that it may judge files.
struct OperatorVectorTests {
  static let operators: Set = [
    "Clip", "DequantizeLinear", "DynamicQuantizeLinear", "Gather", "Gelu", "LayerNormalization", "MatMul",
    "QuantizeLinear", "Softmax", "Tanh",
  ]

  @Test(.enabled(if: dataFolder != nil, "set RETORT_DATA to the folder of public data sets"))
  func vectors() throws {
    let path = try #require(dataFolder).appending(path: "onnx_op_vectors/onnx_node_vectors.jsonl")
    var counts: [String: Int] = [:]
    for line in try String(contentsOf: path, encoding: .utf8).split(separator: "\n") {
      let vector = try JSONValue(parsing: Array(line.utf8))
      guard let name = vector["op"]?.text, Self.operators.contains(name), let inputs = Self.inputs(of: vector),
        let node = Self.node(name, vector)
      else { continue }
      let results = try Operator(node).results(of: inputs)
      for (output, result) in zip(vector["outputs"]?.items ?? [], results) {
        let expected = try #require(Self.value(output))
        #expect(result.shape == expected.shape && result.type == expected.type, "\(vector["test"]?.text ?? "")")
        let worst = zip(result.numbers, expected.numbers).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? 0
        #expect(worst <= (expected.isReal ? 1e-5 : 0), "\(vector["test"]?.text ?? "")")
      }
      counts[name, default: 0] += 1
    }
    #expect(Set(counts.keys) == Self.operators, "without a vector: \(Self.operators.subtracting(counts.keys))")
  }

  /// Nil where a vector is about types or attributes that no file of ours has.
  private static func node(_ name: String, _ vector: JSONValue) -> ONNXNodeProto? {
    var node = ONNXNodeProto()
    (node.opType, node.name) = (name, vector["test"]?.text ?? "")
    node.output = vector["node_outputs"]?.items.compactMap(\.text) ?? []
    for member in vector["attrs"]?.members ?? [] {
      guard ["axis", "epsilon", "stash_type"].contains(member.name), let number = member.value.double else {
        return nil
      }
      let attribute: ONNXAttribute = member.name == "epsilon" ? .float(Float(number)) : .integer(Int(number))
      node.attribute.append(attribute.message(named: member.name))
    }
    return node
  }

  private static func inputs(of vector: JSONValue) -> [GraphValue?]? {
    let given = vector["inputs"]?.items ?? []
    var result: [GraphValue?] = []
    for name in vector["node_inputs"]?.items.compactMap(\.text) ?? [] {
      guard let item = given.first(where: { $0["name"]?.text == name }) else {
        result.append(nil)
        continue
      }
      guard let value = value(item) else { return nil }
      result.append(value)
    }
    return result
  }

  private static func value(_ item: JSONValue) -> GraphValue? {
    let types: [String: ONNXTensorProto.DataType] = [
      "float32": .float, "int64": .int64, "int32": .int32, "int8": .int8, "uint8": .uint8,
    ]
    guard let type = item["dtype"]?.text.flatMap({ types[$0] }) else { return nil }
    let numbers = (item["data"]?.items ?? []).map { number in
      number.double ?? ["inf": Double.infinity, "-inf": -Double.infinity][number.text ?? ""] ?? .nan
    }
    return GraphValue(type, item["shape"]?.integers ?? [], numbers)
  }
}
