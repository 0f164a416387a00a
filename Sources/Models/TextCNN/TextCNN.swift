import Tensors

/// A convolutional sentence classifier (Kim 2014) as a recipe for graphs. The parameters' values live elsewhere.
///
/// ```swift
/// let textCNN = try TextCNN(TextCNNConfiguration(vocabularySize: 30_522), outputs: 2)
/// let values = textCNN.initialValues(seed: 7)
/// // per shard and step:
/// graph.begin(recording: true, randomness: Randomness(seed: seed, step: step))
/// let model = ParameterBinding(textCNN.layout, values: values, gradients: shardGradients)
/// let features = try textCNN.features(of: shard, with: model, in: graph)
/// let logits = try textCNN.logits(features, of: shard, with: model, in: graph)      // [sequences, outputs]
/// ```
///
/// Special tokens are read as words like any other; none is needed. A sequence that is shorter than a filter is filled up
/// with zeros for that filter alone; no other padding takes part, so that none can change an answer.
public struct TextCNN: Sendable, Equatable {
  public let configuration: TextCNNConfiguration
  /// Columns of the logits: one a class, or one for a regression.
  public let outputs: Int
  public let layout: ParameterLayout

  /// - Throws: `TensorError.shape` naming the first of the configuration's `faults`, or outputs that no head has.
  public init(_ configuration: TextCNNConfiguration, outputs: Int) throws(TensorError) {
    if let fault = configuration.faults.first { throw .shape(operation: "TextCNN", detail: fault) }
    try checkOutputs(outputs, of: "TextCNN")
    (self.configuration, self.outputs) = (configuration, outputs)
    layout = try .textCNN(configuration, outputs: outputs)
    try layout.checkSize(of: "TextCNN")
  }

  /// Each filter's greatest answer to a sequence, after ReLU: [sequences, widths · filters].
  ///
  /// - Throws: `TensorError.index` for a token id outside the vocabulary.
  public func features<Element: TensorElement>(
    of batch: PackedBatch, with model: ParameterBinding<Element>, in graph: Graph<Element>
  ) throws(TensorError) -> Tensor<Element> {
    let embedded = try graph.embedding(words: graph.table(TextCNNNames.words, of: model), ids: batch.ids)
    var maxima: [Tensor<Element>] = []
    for (index, width) in configuration.filterWidths.enumerated() {
      let name = TextCNNNames.filters(index)
      let answers = try graph.timeConvolution(
        embedded, weight: graph.parameter("\(name).weight", of: model),
        bias: graph.parameter("\(name).bias", of: model), width: width, offsets: batch.offsets, activation: .relu)
      maxima.append(try graph.maxOverTime(answers.values, offsets: answers.offsets))
    }
    return try graph.concatenate(maxima)
  }

  /// Logits [sequences, outputs]: dropout and a linear layer.
  public func logits<Element: TensorElement>(
    _ features: Tensor<Element>, of batch: PackedBatch, with model: ParameterBinding<Element>,
    in graph: Graph<Element>
  ) throws(TensorError) -> Tensor<Element> {
    let kept = try graph.dropout(features, rate: configuration.dropout, firstRow: batch.firstExample)
    return try graph.linear(
      kept, weight: graph.parameter("\(TextCNNNames.classifier).weight", of: model),
      bias: graph.parameter("\(TextCNNNames.classifier).bias", of: model))
  }
}
