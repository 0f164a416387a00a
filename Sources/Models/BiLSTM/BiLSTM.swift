import Tensors

/// A bidirectional LSTM classifier (Hochreiter and Schmidhuber 1997; as a student, Tang et al. 2019) as a recipe for graphs.
/// The parameters' values live elsewhere.
///
/// ```swift
/// let biLSTM = try BiLSTM(BiLSTMConfiguration(vocabularySize: 30_522), outputs: 2)
/// let values = biLSTM.initialValues(seed: 7)
/// // per shard and step:
/// graph.begin(recording: true, randomness: Randomness(seed: seed, step: step))
/// let model = ParameterBinding(biLSTM.layout, values: values, gradients: shardGradients)
/// let states = try biLSTM.encode(shard, with: model, in: graph)
/// let logits = try biLSTM.logits(states, of: shard, with: model, in: graph)      // [sequences, outputs]
/// ```
///
/// Special tokens are read as words like any other; none is needed. For pairs (`comparesPairs`) the sides are told apart by
/// the batch's segments, 0 and then 1, and share the encoder.
public struct BiLSTM: Sendable, Equatable {
  public let configuration: BiLSTMConfiguration
  /// Columns of the logits: one a class, or one for a regression.
  public let outputs: Int
  public let layout: ParameterLayout

  /// - Throws: `TensorError.shape` naming the first of the configuration's `faults`, or outputs that no head has.
  public init(_ configuration: BiLSTMConfiguration, outputs: Int) throws(TensorError) {
    if let fault = configuration.faults.first { throw .shape(operation: "BiLSTM", detail: fault) }
    try checkOutputs(outputs, of: "BiLSTM")
    (self.configuration, self.outputs) = (configuration, outputs)
    layout = try .biLSTM(configuration, outputs: outputs)
    try layout.checkSize(of: "BiLSTM")
  }
}

/// What the encoder gives for a packed batch.
public struct BiLSTMStates<Element: TensorElement> {
  /// Index 0 is the embeddings [tokens, embedding]; k is the output of layer k, both directions side by side:
  /// [tokens, 2 · hidden].
  public let hidden: [Tensor<Element>]
  /// The last layer's final states, both directions side by side: [sequences, 2 · hidden]. Of pairs the sides stand one
  /// after the other: [2 · sequences, 2 · hidden]; an empty side has 0.
  public let finalStates: Tensor<Element>
}

extension BiLSTM {
  /// Embeddings and all layers.
  ///
  /// - Throws: `TensorError.index` for a token id outside the vocabulary, `TensorError.shape` for segments that are not
  ///   those of pairs.
  public func encode<Element: TensorElement>(
    _ batch: PackedBatch, with model: ParameterBinding<Element>, in graph: Graph<Element>
  ) throws(TensorError) -> BiLSTMStates<Element> {
    let embedded = try graph.embedding(words: graph.table(BiLSTMNames.words, of: model), ids: batch.ids)
    let offsets = configuration.comparesPairs ? try batch.sideOffsets() : batch.offsets
    var hidden = [embedded]
    var ends: [Tensor<Element>] = []
    for layer in 0..<configuration.layerCount {
      let input = hidden[layer]
      let ahead = try run(layer, .forwards, on: input, offsets, model, graph)
      let back = try run(layer, .backwards, on: input, offsets, model, graph)
      hidden.append(try graph.concatenate([ahead.states, back.states]))
      ends = [ahead.finalStates, back.finalStates]
    }
    return BiLSTMStates(hidden: hidden, finalStates: try graph.concatenate(ends))
  }

  /// What the head reads of each example: [sequences, `featureSize`].
  ///
  /// It is the final states of single texts, and of pairs [s₁; s₂; |s₁ − s₂|; s₁ ⊙ s₂] (Tang et al. 2019, §3.2).
  public func features<Element: TensorElement>(
    _ states: BiLSTMStates<Element>, in graph: Graph<Element>
  ) throws(TensorError) -> Tensor<Element> {
    guard configuration.comparesPairs else { return states.finalStates }
    let pairs = 0..<Int32(states.finalStates.rows / 2)
    let first = try graph.rows(states.finalStates, at: pairs.map { 2 * $0 })
    let second = try graph.rows(states.finalStates, at: pairs.map { 2 * $0 + 1 })
    return try graph.concatenate([
      first, second, graph.absoluteDifference(first, second), graph.multiply(first, second),
    ])
  }

  /// Logits [sequences, outputs]: a dense layer with ReLU, dropout, a linear layer.
  public func logits<Element: TensorElement>(
    _ states: BiLSTMStates<Element>, of batch: PackedBatch, with model: ParameterBinding<Element>,
    in graph: Graph<Element>
  ) throws(TensorError) -> Tensor<Element> {
    let features = try features(states, in: graph)
    let dense = try graph.linear(
      features, weight: graph.parameter("\(BiLSTMNames.dense).weight", of: model),
      bias: graph.parameter("\(BiLSTMNames.dense).bias", of: model), activation: .relu)
    let kept = try graph.dropout(dense, rate: configuration.dropout, firstRow: batch.firstExample)
    return try graph.linear(
      kept, weight: graph.parameter("\(BiLSTMNames.classifier).weight", of: model),
      bias: graph.parameter("\(BiLSTMNames.classifier).bias", of: model))
  }

  private func run<Element: TensorElement>(
    _ layer: Int, _ direction: TimeDirection, on input: Tensor<Element>, _ offsets: [Int32],
    _ model: ParameterBinding<Element>, _ graph: Graph<Element>
  ) throws(TensorError) -> LSTMResult<Element> {
    func field(_ name: String) throws(TensorError) -> Tensor<Element> {
      try graph.parameter(BiLSTMNames.field(name, layer: layer, direction), of: model)
    }
    let weights = try LSTMWeights(
      input: field("weight_ih"), state: field("weight_hh"), inputBias: field("bias_ih"), stateBias: field("bias_hh"))
    return try graph.lstm(input, weights: weights, offsets: offsets, direction: direction)
  }
}
