import Tensors

extension Bert {
  /// What stands for a whole text, from its first token: [sequences, hidden]. tanh(dense(x)) in BERT.
  public func pooled<Element: TensorElement>(
    _ states: BertStates<Element>, of batch: PackedBatch, with model: ParameterBinding<Element>,
    in graph: Graph<Element>
  ) throws(TensorError) -> Tensor<Element> {
    let first = try states.last(at: batch.firstRows, in: graph)
    guard let pooler = configuration.pooler(under: head) else { return first }
    // RoBERTa drops before this layer of its classifier, too.
    let isDropped = configuration.family == .roBERTa && pooler.name == BertNames.classifierDense
    let input = isDropped ? try dropped(first, batch.firstExample, graph) : first
    return try linear(pooler.name, input, model, graph, pooler.activation)
  }

  /// Logits of a classifier [sequences, labels] or of a regression [sequences, 1]: pooler, dropout, linear; of a tagger
  /// [tokens, labels]: dropout, linear.
  public func logits<Element: TensorElement>(
    _ states: BertStates<Element>, of batch: PackedBatch, with model: ParameterBinding<Element>,
    in graph: Graph<Element>
  ) throws(TensorError) -> Tensor<Element> {
    let output = configuration.outputLayer(of: head)
    if head.answersTokens { return try linear(output, dropped(states.last, batch.firstRow, graph), model, graph) }
    let pooled = try pooled(states, of: batch, with: model, in: graph)
    return try linear(output, dropped(pooled, batch.firstExample, graph), model, graph)
  }

  private func dropped<Element: TensorElement>(
    _ x: Tensor<Element>, _ firstRow: Int, _ graph: Graph<Element>
  ) throws(TensorError) -> Tensor<Element> {
    try graph.dropout(x, rate: configuration.outputDropout(of: head), firstRow: firstRow)
  }

  /// Masked-LM logits at the given rows of the batch only: [rows, vocabulary].
  ///
  /// - Parameter rows: token rows of this (shard's) batch, such as the masked ones; rows may repeat.
  public func wordLogits<Element: TensorElement>(
    _ states: BertStates<Element>, at rows: [Int32], with model: ParameterBinding<Element>, in graph: Graph<Element>
  ) throws(TensorError) -> Tensor<Element> {
    let chosen = try states.last(at: rows, in: graph)
    let dense = try linear("\(BertNames.transform).dense", chosen, model, graph, transformActivation)
    let normal = try norm("\(BertNames.transform).LayerNorm", dense, nil, model, graph)
    let (words, bias) = (
      try graph.parameter(BertNames.words, of: model), try graph.parameter(BertNames.decoderBias, of: model)
    )
    guard normal.columns > words.columns else { return try graph.linear(normal, weight: words, bias: bias) }
    let tied = try graph.linear(graph.columns(normal, 0..<words.columns), weight: words, bias: bias)
    let rest = try graph.linear(
      graph.columns(normal, words.columns..<normal.columns),
      weight: graph.parameter(BertNames.decoderRest, of: model), bias: nil)
    return try graph.add(tied, rest)
  }
}
