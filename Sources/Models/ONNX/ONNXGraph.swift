import SwiftProtobuf

/// A graph that is being written: nodes in the order in which they are computed, and the tensors that they take.
///
/// A node and the value that it gives have one name, `bert.encoder.layer.0.output.dense/MatMul`; a stored tensor keeps
/// the name of its parameter.
struct ONNXGraph: Sendable {
  let opset: Int
  /// What stands before the names of nodes, where layers share the parameters that they are named for.
  var scope = ""
  private(set) var nodes: [ONNXNodeProto] = []
  /// Stored tensors; their bytes are made while the file is written.
  private(set) var tensors: [StoredTensor] = []
  private(set) var inputs: [ONNXValueInfoProto] = []
  private(set) var outputs: [ONNXValueInfoProto] = []
  private var stored: Set<String> = []

  init(opset: Int) { self.opset = opset }

  /// Adds a node with one output, whose name is returned.
  ///
  /// - Parameter inputs: names of values; an empty one leaves an optional input out.
  @discardableResult
  mutating func add(
    _ operation: String, _ inputs: [String], _ attributes: [String: ONNXAttribute] = [:], as name: String
  ) -> String {
    add(operation, inputs, attributes, as: name, outputs: [name])[0]
  }

  /// Adds a node with several outputs, whose names are returned.
  mutating func add(
    _ operation: String, _ inputs: [String], _ attributes: [String: ONNXAttribute] = [:], as name: String,
    outputs: [String]
  ) -> [String] {
    var node = ONNXNodeProto()
    node.opType = operation
    node.name = scope + name
    node.input = inputs
    node.output = outputs.map { scope + $0 }
    node.attribute = attributes.sorted { $0.key < $1.key }.map { $0.value.message(named: $0.key) }
    nodes.append(node)
    return node.output
  }

  /// Stores a tensor; one of the same name is stored once.
  @discardableResult
  mutating func store(_ tensor: StoredTensor) -> String {
    if stored.insert(tensor.name).inserted { tensors.append(tensor) }
    return tensor.name
  }

  mutating func declare(input name: String, _ type: ElementType, _ shape: [ONNXDimension]) {
    inputs.append(.init(name, type, shape))
  }

  /// Gives a value out under a name of its own.
  mutating func declare(output name: String, _ type: ElementType, _ shape: [ONNXDimension], value: String) {
    add("Identity", [value], as: name)
    outputs.append(.init(name, type, shape))
  }
}

/// A size in the shape of an input or output.
enum ONNXDimension: Sendable {
  case fixed(Int)
  /// One that each run decides, by its name.
  case dynamic(String)
}

/// The value of a node's attribute.
enum ONNXAttribute: Sendable {
  case integer(Int)
  case integers([Int])
  case float(Float)

  func message(named name: String) -> ONNXAttributeProto {
    var message = ONNXAttributeProto()
    message.name = name
    switch self {
    case .integer(let value): (message.type, message.i) = (.int, Int64(value))
    case .integers(let values): (message.type, message.ints) = (.ints, values.map(Int64.init))
    case .float(let value): (message.type, message.f) = (.float, value)
    }
    return message
  }
}

extension ONNXValueInfoProto {
  init(_ name: String, _ type: ElementType, _ shape: [ONNXDimension]) {
    self.init()
    self.name = name
    self.type.tensorType.elemType = Int32(type.onnxType.rawValue)
    self.type.tensorType.shape.dim = shape.map { size in
      var dimension = ONNXTensorShapeProto.Dimension()
      switch size {
      case .fixed(let count): dimension.dimValue = Int64(count)
      case .dynamic(let name): dimension.dimParam = name
      }
      return dimension
    }
  }
}

extension ElementType {
  /// The number of a type in the format; `undefined` for those that no graph of ours has.
  var onnxType: ONNXTensorProto.DataType {
    switch self {
    case .f32: .float
    case .u8: .uint8
    case .i8: .int8
    case .i32: .int32
    case .i64: .int64
    case .bool: .bool
    case .f16: .float16
    case .bf16: .bfloat16
    case .f64: .double
    default: .undefined
    }
  }
}
