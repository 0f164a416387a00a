import Tensors

/// Names of a BiLSTM's parameters: those of the state dictionary of PyTorch's `nn.Embedding`, `nn.LSTM` and `nn.Linear`.
enum BiLSTMNames {
  static let words = "embedding.weight"
  static let recurrence = "lstm."
  static let dense = "dense"
  static let classifier = "classifier"

  /// A field (`weight_ih`, `weight_hh`, `bias_ih`, `bias_hh`) of one direction of a layer.
  static func field(_ field: String, layer: Int, _ direction: TimeDirection) -> String {
    "\(recurrence)\(field)_l\(layer)\(direction == .backwards ? "_reverse" : "")"
  }
}

extension ParameterLayout {
  /// The parameters of a BiLSTM classifier with `outputs` logits.
  ///
  /// - Throws: `TensorError.parameter` for a width below 1.
  public static func biLSTM(_ configuration: BiLSTMConfiguration, outputs: Int) throws(TensorError) -> ParameterLayout {
    var layout = ParameterLayout()
    try layout.append(BiLSTMNames.words, [configuration.vocabularySize, configuration.embeddingSize])
    let gates = 4 * configuration.hiddenSize
    for layer in 0..<configuration.layerCount {
      for direction in TimeDirection.allCases {
        func name(_ field: String) -> String { BiLSTMNames.field(field, layer: layer, direction) }
        try layout.append(name("weight_ih"), [gates, configuration.inputSize(ofLayer: layer)])
        try layout.append(name("weight_hh"), [gates, configuration.hiddenSize])
        try layout.append(name("bias_ih"), [gates])
        try layout.append(name("bias_hh"), [gates])
      }
    }
    try layout.appendLayer(
      BiLSTMNames.dense, outputs: configuration.denseSize, inputs: configuration.featureSize)
    try layout.appendLayer(BiLSTMNames.classifier, outputs: outputs, inputs: configuration.denseSize)
    return layout
  }
}

extension BiLSTM {
  /// Fresh values as PyTorch draws them: words N(0, 1) and 0 for the padding word, the LSTM uniform between ±1/√hidden,
  /// linear layers between ±1/√inputs.
  public func initialValues<Element: TensorElement>(
    seed: UInt64, as: Element.Type = Float.self
  ) -> FlatBuffer<Element> {
    layout.initialValues(seed: seed) { entry in
      if entry.name == BiLSTMNames.words { return .embedding(padding: configuration.paddingToken) }
      if entry.name.hasPrefix(BiLSTMNames.recurrence) { return .uniform(inputs: configuration.hiddenSize) }
      let isDense = entry.name.hasPrefix(BiLSTMNames.dense)
      return .uniform(inputs: isDense ? configuration.featureSize : configuration.denseSize)
    }
  }
}
