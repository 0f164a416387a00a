import Tensors

/// What MobileBERT computes otherwise (Sun et al. 2020, §3).
extension Bert {
  /// Words with their neighbours, projected; then positions and segments, and the norm: [tokens, hidden].
  func embedTrigrams<Element: TensorElement>(
    _ batch: PackedBatch, with model: ParameterBinding<Element>, in graph: Graph<Element>
  ) throws(TensorError) -> Tensor<Element> {
    let words = try graph.embedding(words: graph.table(BertNames.words, of: model), ids: batch.ids)
    let usesTrigrams = configuration.bottleneck?.usesTrigrams == true
    let wide = usesTrigrams ? try graph.trigrams(words, offsets: batch.offsets) : words
    let mapped = try linear(BertNames.mapping, wide, model, graph)
    let places = try graph.embedding(
      words: graph.parameter(BertNames.positions, of: model), ids: batch.positions,
      types: graph.parameter(BertNames.types, of: model), kinds: batch.typeIDs)
    let normal = try norm("\(BertNames.embeddings).LayerNorm", graph.add(mapped, places), nil, model, graph)
    return try graph.dropout(normal, rate: configuration.hiddenDropout, firstRow: batch.firstRow)
  }

  /// A block: narrowed states attend and pass several feed-forward networks, and the sum is widened again.
  func run<Element: TensorElement>(
    _ index: Int, through bottleneck: Bottleneck, on batch: PackedBatch, with model: ParameterBinding<Element>,
    in graph: Graph<Element>, _ exposesScores: Bool, _ states: inout BertStates<Element>
  ) throws(TensorError) {
    let name = BertNames.block(index)
    let input = states.last
    func narrowed(_ part: String) throws(TensorError) -> Tensor<Element> {
      let dense = try linear("\(name).bottleneck.\(part).dense", input, model, graph)
      return try norm("\(name).bottleneck.\(part).LayerNorm", dense, nil, model, graph)
    }
    func network(_ part: String, _ x: Tensor<Element>) throws(TensorError) -> Tensor<Element> {
      let wide = try linear("\(part).intermediate.dense", x, model, graph, activation)
      return try norm("\(part).output.LayerNorm", linear("\(part).output.dense", wide, model, graph), x, model, graph)
    }
    let narrow = try narrowed("input")
    // Where all three are narrowed, no other state exists to read from, whatever else is set.
    let asked = try bottleneck.narrowsAttention ? narrow : narrowed("attention")
    let values = bottleneck.narrowsAttention ? narrow : input
    let projections = try graph.besides([
      graph.linear(
        asked, weight: graph.parameter(fused(index, "weight"), of: model),
        bias: graph.parameter(fused(index, "bias"), of: model)),
      linear("\(name).attention.self.value", values, model, graph),
    ])
    let attention = try graph.attention(
      projections, heads: configuration.headCount, offsets: batch.offsets, dropout: configuration.attentionDropout,
      firstRow: batch.firstRow, exposesScores: exposesScores)
    let attended = try linear("\(name).attention.output.dense", attention.context, model, graph)
    var x = try norm("\(name).attention.output.LayerNorm", attended, narrow, model, graph)
    for number in 0..<bottleneck.feedForwardCount - 1 { x = try network("\(name).ffn.\(number)", x) }
    let last = try linear("\(name).output.bottleneck.dense", network(name, x), model, graph)
    let kept = try graph.dropout(last, rate: configuration.hiddenDropout, firstRow: batch.firstRow)
    states.append(
      try norm("\(name).output.bottleneck.LayerNorm", kept, input, model, graph), attention, projections)
  }

  private func fused(_ block: Int, _ field: String) throws(TensorError) -> ParameterLayout.Entry {
    try layout.fused(Array(BertNames.projections(block, field).prefix(2)))
  }
}
