import Tensors

/// The packed weights of one of MobileBERT's blocks.
struct BottleneckBlock: Sendable {
  /// A layer and its norm.
  struct Normed: Sendable {
    let layer: any LinearLayer
    let norm: LayerNormWeights

    init(_ name: String, from source: some InferenceSource) throws {
      (layer, norm) = (try source.linear("\(name).dense"), try source.norm("\(name).LayerNorm"))
    }

    /// y = norm(layer(x) + residual): [rows, outputs].
    func callAsFunction(
      _ x: UnsafePointer<Float>, _ residual: UnsafePointer<Float>?, rows: Int, in workspace: Workspace
    ) -> UnsafeMutablePointer<Float> {
      let y = workspace.floats(rows * layer.outputs)
      layer(x, rows: rows, into: y, in: workspace)
      norm.run(y, residual, into: y, rows: rows)
      return y
    }
  }

  let narrowed: Normed
  /// What queries and keys read; nil where they read what is narrowed for the sum.
  let asked: Normed?
  let queryKey: any LinearLayer
  let value: any LinearLayer
  let readsNarrowValues: Bool
  let attended: Normed
  /// Feed-forward networks, each with its sum.
  let networks: [(wide: any LinearLayer, narrow: Normed)]
  let widened: Normed

  init(_ index: Int, _ bottleneck: Bottleneck, from source: some InferenceSource) throws {
    let name = BertNames.block(index)
    let attention = "\(name).attention.self"
    narrowed = try Normed("\(name).bottleneck.input", from: source)
    asked = bottleneck.narrowsAttention ? nil : try Normed("\(name).bottleneck.attention", from: source)
    readsNarrowValues = bottleneck.narrowsAttention
    queryKey = try source.linear(["\(attention).query", "\(attention).key"])
    value = try source.linear("\(attention).value")
    attended = try Normed("\(name).attention.output", from: source)
    let parts = (0..<bottleneck.feedForwardCount - 1).map { "\(name).ffn.\($0)" } + [name]
    networks = try parts.map { part in
      (try source.linear("\(part).intermediate.dense"), try Normed("\(part).output", from: source))
    }
    widened = try Normed("\(name).output.bottleneck", from: source)
  }
}

extension InferencePass {
  /// The last of MobileBERT's hidden states: [tokens, hidden], or those of some rows.
  func encodeNarrowly(_ blocks: [BottleneckBlock], at rows: [Int32]?) -> UnsafeMutablePointer<Float> {
    var states = embedTrigrams()
    for block in blocks { states = run(block, states) }
    guard let rows else { return states }
    let chosen = workspace.floats(rows.count * model.configuration.hiddenSize)
    ForwardLoops.gatherRows(states, at: rows, width: model.configuration.hiddenSize, into: chosen)
    return chosen
  }

  private func embedTrigrams() -> UnsafeMutablePointer<Float> {
    let (tokens, hidden) = (batch.tokenCount, model.configuration.hiddenSize)
    let (width, isTriple) = (
      model.configuration.embeddingWidth, model.configuration.bottleneck?.usesTrigrams == true
    )
    let words = workspace.floats(tokens * width)
    model.embeddings.embed(batch, into: words)
    var read = words
    if isTriple {
      read = workspace.floats(tokens * 3 * width)
      read.update(repeating: 0, count: tokens * 3 * width)
      for (start, end) in zip(batch.offsets, batch.offsets.dropFirst()) {
        for row in Int(start)..<Int(end) {
          let place = read + row * 3 * width
          if row + 1 < Int(end) { place.update(from: words + (row + 1) * width, count: width) }
          (place + width).update(from: words + row * width, count: width)
          if row > Int(start) { (place + 2 * width).update(from: words + (row - 1) * width, count: width) }
        }
      }
    }
    let (states, places) = (workspace.floats(tokens * hidden), workspace.floats(tokens * hidden))
    model.mapping?(read, rows: tokens, into: states, in: workspace)
    model.placeEmbeddings?.embed(batch, into: places)
    model.embeddingNorm.run(states, places, into: states, rows: tokens)
    return states
  }

  private func run(_ block: BottleneckBlock, _ input: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Float> {
    let (tokens, width) = (batch.tokenCount, block.value.outputs)
    let narrow = block.narrowed(input, nil, rows: tokens, in: workspace)
    let asked = block.asked?(input, nil, rows: tokens, in: workspace) ?? narrow
    let projections = workspace.floats(tokens * 3 * width)
    block.queryKey.run(
      block.queryKey.prepare(asked, rows: tokens, in: workspace), .identity, into: projections, stride: 3 * width,
      columns: 0..<2 * width)
    block.value.run(
      block.value.prepare(block.readsNarrowValues ? narrow : input, rows: tokens, in: workspace), .identity,
      into: projections + 2 * width, stride: 3 * width, columns: 0..<width)
    let context = workspace.floats(tokens * width)
    let heads = model.configuration.headCount
    ForwardLoops.attend(
      projections, heads: heads, headSize: width / heads, chosen: 0..<heads, offsets: batch.offsets, firstOnly: false,
      scratch: workspace.floats(attentionScratch), into: context)
    var x = block.attended(context, narrow, rows: tokens, in: workspace)
    for network in block.networks {
      let wide = workspace.floats(tokens * network.wide.outputs)
      network.wide(x, rows: tokens, activation, into: wide, in: workspace)
      x = network.narrow(wide, x, rows: tokens, in: workspace)
    }
    return block.widened(x, input, rows: tokens, in: workspace)
  }
}
