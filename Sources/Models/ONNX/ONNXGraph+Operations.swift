import Tensors

// What several nodes compute together. Forms are those that runtimes know and fuse.
extension ONNXGraph {
  /// A number as a scalar.
  mutating func number(_ value: Float) -> String {
    store(StoredTensor("number.\(value)", shape: [], floats: [value]))
  }

  /// Whole numbers as a vector: sizes, axes, places.
  mutating func integers(_ values: [Int]) -> String {
    let name = "integers." + values.map(String.init).joined(separator: "_")
    return store(StoredTensor(name, shape: [values.count], int64: values.map(Int64.init)))
  }

  mutating func cast(_ x: String, to type: ElementType, as name: String) -> String {
    add("Cast", [x], ["to": .integer(type.onnxType.rawValue)], as: name)
  }

  /// Takes an axis of size 1 out of a shape.
  mutating func squeeze(_ x: String, axis: Int, as name: String) -> String {
    add("Squeeze", [x, integers([axis])], as: name)
  }

  /// LayerNorm over the last axis; without an epsilon weight and bias alone.
  mutating func norm(_ x: String, _ name: String, epsilon: Double?, from weights: some ONNXWeights) throws -> String {
    let scale = store(try weights.vector("\(name).weight"))
    let bias = store(try weights.vector("\(name).bias"))
    guard let epsilon else { return add("Add", [add("Mul", [x, scale], as: "\(name)/Mul"), bias], as: "\(name)/Add") }
    return add(
      "LayerNormalization", [x, scale, bias], ["axis": .integer(-1), "epsilon": .float(Float(epsilon))],
      as: "\(name)/LayerNormalization")
  }

  /// A nonlinearity; GELU by its definition with erf, as an operator set before 20 has no node for it.
  mutating func activate(_ x: String, _ activation: Activation, as name: String) -> String {
    switch activation {
    case .identity: return x
    case .relu: return add("Relu", [x], as: "\(name)/Relu")
    case .tanh: return add("Tanh", [x], as: "\(name)/Tanh")
    case .geluTanh:
      // ½ · x · (1 + tanh(√(2/π) · (x + 0.044715 · x³)))
      let square = add("Mul", [x, x], as: "\(name)/square")
      let cube = add("Mul", [add("Mul", [square, x], as: "\(name)/cube"), number(0.044715)], as: "\(name)/part")
      let inner = add("Mul", [add("Add", [x, cube], as: "\(name)/inner"), number(0.79788456)], as: "\(name)/scaled")
      let sum = add("Add", [add("Tanh", [inner], as: "\(name)/Tanh"), number(1)], as: "\(name)/Add")
      return add("Mul", [add("Mul", [x, number(0.5)], as: "\(name)/half"), sum], as: "\(name)/Gelu")
    case .gelu:
      if opset >= 20 { return add("Gelu", [x], as: "\(name)/Gelu") }
      // x · (1 + erf(x / √2)) · ½, in the order that ONNX Runtime recognises.
      let scaled = add("Div", [x, number(Float(2).squareRoot())], as: "\(name)/Div")
      let erf = add("Erf", [scaled], as: "\(name)/Erf")
      let sum = add("Add", [erf, number(1)], as: "\(name)/Add")
      let product = add("Mul", [x, sum], as: "\(name)/Mul")
      return add("Mul", [product, number(0.5)], as: "\(name)/Gelu")
    }
  }
}
