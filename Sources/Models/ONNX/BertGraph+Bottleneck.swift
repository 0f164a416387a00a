/// What MobileBERT computes otherwise.
extension BertGraph {
  /// Words with their neighbours, projected; then segments and places, and the norm.
  mutating func embedTrigrams(_ words: String) throws -> String {
    var read = words
    if configuration.bottleneck?.usesTrigrams == true {
      let place = BertNames.embeddings
      // Padding is no neighbour.
      let isThere = graph.add("Unsqueeze", [Self.mask, graph.integers([2])], as: "\(place)/mask")
      let numbers = graph.cast(isThere, to: .f32, as: "\(place)/Cast")
      let kept = graph.add("Mul", [words, numbers], as: "\(place)/kept")
      // Along the length: a row less on one side, a row of zeros more on the other.
      let next = graph.add("Pad", [kept, graph.integers([0, -1, 0, 0, 1, 0])], as: "\(place)/next")
      let previous = graph.add("Pad", [kept, graph.integers([0, 1, 0, 0, -1, 0])], as: "\(place)/previous")
      read = graph.add("Concat", [next, kept, previous], ["axis": .integer(-1)], as: "\(place)/Concat")
    }
    let mapped = try weights.linear(BertNames.mapping, of: read, in: &graph)
    return try norm(addingPlaces(to: mapped), "\(BertNames.embeddings).LayerNorm")
  }

  /// A block: narrowed states attend and pass several feed-forward networks, and the sum is widened again.
  mutating func encode(_ block: Int, _ states: String, through bottleneck: Bottleneck) throws -> String {
    let name = BertNames.block(block)
    let attention = "\(name).attention.self"
    let narrow = try narrowed(states, "\(name).bottleneck.input")
    let asked = bottleneck.narrowsAttention ? narrow : try narrowed(states, "\(name).bottleneck.attention")
    let values = bottleneck.narrowsAttention ? narrow : states
    let queryKey = ["\(attention).query", "\(attention).key"]
    let projections =
      try weights.linear(queryKey, of: asked, as: "\(attention).query_key", in: &graph)
      + [weights.linear("\(attention).value", of: values, in: &graph)]
    let context = attend(projections, heads: configuration.headCount, as: attention)
    let attended = try weights.linear("\(name).attention.output.dense", of: context, in: &graph)
    var x = try residual(attended, narrow, "\(name).attention.output")
    for number in 0..<bottleneck.feedForwardCount - 1 { x = try network("\(name).ffn.\(number)", x) }
    x = try network(name, x)
    let wide = try weights.linear("\(name).output.bottleneck.dense", of: x, in: &graph)
    return try residual(wide, states, "\(name).output.bottleneck")
  }

  private mutating func narrowed(_ states: String, _ name: String) throws -> String {
    try norm(weights.linear("\(name).dense", of: states, in: &graph), "\(name).LayerNorm")
  }
}
