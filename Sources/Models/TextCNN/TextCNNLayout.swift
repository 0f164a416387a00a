import Tensors

/// Names of a TextCNN's parameters: those of the state dictionary of PyTorch's `nn.Embedding`, a list of `nn.Conv1d` and
/// `nn.Linear`.
enum TextCNNNames {
  static let words = "embedding.weight"
  static let classifier = "classifier"

  /// The filters of the group at an index of `filterWidths`.
  static func filters(_ index: Int) -> String { "convolutions.\(index)" }
}

extension ParameterLayout {
  /// The parameters of a TextCNN with `outputs` logits; a group of filters is [filters, embedding, width].
  ///
  /// - Throws: `TensorError.parameter` for a width below 1.
  public static func textCNN(
    _ configuration: TextCNNConfiguration, outputs: Int
  ) throws(TensorError) -> ParameterLayout {
    var layout = ParameterLayout()
    try layout.append(TextCNNNames.words, [configuration.vocabularySize, configuration.embeddingSize])
    for (index, width) in configuration.filterWidths.enumerated() {
      let name = TextCNNNames.filters(index)
      try layout.append("\(name).weight", [configuration.filterCount, configuration.embeddingSize, width])
      try layout.append("\(name).bias", [configuration.filterCount])
    }
    try layout.appendLayer(TextCNNNames.classifier, outputs: outputs, inputs: configuration.featureSize)
    return layout
  }
}

extension TextCNN {
  /// Fresh values as PyTorch draws them: words N(0, 1) and 0 for the padding word, filters uniform between
  /// ±1/√(embedding · width), the linear layer between ±1/√inputs.
  public func initialValues<Element: TensorElement>(
    seed: UInt64, as: Element.Type = Float.self
  ) -> FlatBuffer<Element> {
    var inputs: [String: Int] = [:]
    for (index, width) in configuration.filterWidths.enumerated() {
      for field in ["weight", "bias"] {
        inputs["\(TextCNNNames.filters(index)).\(field)"] = configuration.embeddingSize * width
      }
    }
    return layout.initialValues(seed: seed) { entry in
      if entry.name == TextCNNNames.words { return .embedding(padding: configuration.paddingToken) }
      return .uniform(inputs: inputs[entry.name] ?? configuration.featureSize)
    }
  }
}
