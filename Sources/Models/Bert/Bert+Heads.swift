import Tensors

extension Bert {
  /// tanh(dense([CLS])): [sequences, hidden].
  public func pooled<Element: TensorElement>(
    _ states: BertStates<Element>, of batch: PackedBatch, with model: ParameterBinding<Element>,
    in graph: Graph<Element>
  ) throws(TensorError) -> Tensor<Element> {
    let first = try graph.rows(states.last, at: batch.firstRows)
    return try linear(BertNames.pooler, first, model, graph, .tanh)
  }

  /// Logits of a classifier [sequences, labels] or of a regression [sequences, 1]: pooler, dropout, linear; of a tagger
  /// [tokens, labels]: dropout, linear.
  public func logits<Element: TensorElement>(
    _ states: BertStates<Element>, of batch: PackedBatch, with model: ParameterBinding<Element>,
    in graph: Graph<Element>
  ) throws(TensorError) -> Tensor<Element> {
    if head.answersTokens {
      let kept = try graph.dropout(states.last, rate: configuration.hiddenDropout, firstRow: batch.firstRow)
      return try linear(BertNames.classifier, kept, model, graph)
    }
    let pooled = try pooled(states, of: batch, with: model, in: graph)
    let kept = try graph.dropout(pooled, rate: configuration.hiddenDropout, firstRow: batch.firstExample)
    return try linear(BertNames.classifier, kept, model, graph)
  }

  /// Masked-LM logits at the given rows of the batch only: [rows, vocabulary].
  ///
  /// - Parameter rows: token rows of this (shard's) batch, such as the masked ones; rows may repeat.
  public func wordLogits<Element: TensorElement>(
    _ states: BertStates<Element>, at rows: [Int32], with model: ParameterBinding<Element>, in graph: Graph<Element>
  ) throws(TensorError) -> Tensor<Element> {
    let chosen = try graph.rows(states.last, at: rows)
    let dense = try linear("\(BertNames.transform).dense", chosen, model, graph, activation)
    let normal = try norm("\(BertNames.transform).LayerNorm", dense, nil, model, graph)
    return try graph.linear(
      normal, weight: graph.parameter(BertNames.words, of: model),
      bias: graph.parameter(BertNames.decoderBias, of: model))
  }
}
