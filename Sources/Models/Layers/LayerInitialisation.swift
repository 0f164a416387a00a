import Tensors

/// How PyTorch draws a layer's parameters by default.
enum LayerInitialisation {
  /// `nn.Embedding`: N(0, 1), and 0 for the padding word.
  case embedding(padding: Int)
  /// Uniform between ±1/√inputs: weights and biases of `nn.Linear` and `nn.Conv1d`, whose inputs are those of one output,
  /// and of `nn.LSTM`, where the width of the state takes their place.
  case uniform(inputs: Int)
}

extension ParameterLayout {
  /// 16 GiB of floats: far above any model here.
  private static let limit = 1 << 32

  /// The weight [outputs, inputs] and the bias of a linear layer.
  mutating func appendLayer(_ name: String, outputs: Int, inputs: Int) throws(TensorError) {
    try append("\(name).weight", [outputs, inputs])
    try append("\(name).bias", [outputs])
  }

  func checkSize(of model: String) throws(TensorError) {
    guard count <= Self.limit else {
      throw .shape(operation: model, detail: "\(parameterCount) parameters are more than can be held")
    }
  }

  /// Fresh values; each parameter has a stream of its own, so that the values of one do not depend on the others' shapes.
  func initialValues<Element: TensorElement>(
    seed: UInt64, _ rule: (Entry) -> LayerInitialisation
  ) -> FlatBuffer<Element> {
    let values = FlatBuffer<Element>(count: count)
    for (index, entry) in entries.enumerated() {
      var random = RandomStream(seed: seed, purpose: .initialisation, step: index)
      switch rule(entry) {
      case .embedding(let padding):
        for place in entry.range { values.pointer[place] = Element(random.normal()) }
        if entry.shape.count == 2, (0..<entry.shape[0]).contains(padding) {
          let width = entry.shape[1]
          values.write(repeatElement(0, count: width), at: entry.offset + padding * width)
        }
      case .uniform(let inputs):
        let bound = 1 / Double(max(inputs, 1)).squareRoot()
        for place in entry.range { values.pointer[place] = Element((2 * random.uniform() - 1) * bound) }
      }
    }
    return values
  }
}
