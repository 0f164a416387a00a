import Tensors

/// A BERT as a recipe for graphs: its configuration, head and parameter layout. The parameters' values live elsewhere.
///
/// ```swift
/// let bert = try Bert(configuration, head: .classifier(labels: 2))
/// let values = bert.initialValues(seed: 7)
/// // per shard and step:
/// graph.begin(recording: true, randomness: Randomness(seed: seed, step: step))
/// let model = ParameterBinding(bert.layout, values: values, gradients: shardGradients)
/// let states = try bert.encode(shard, with: model, in: graph)
/// let logits = try bert.logits(states, of: shard, with: model, in: graph)      // [sequences, labels]
/// try graph.crossEntropy(logits, labels: labels[shard.examples], scale: 1 / Double(batchSize))
/// graph.backward()
/// ```
public struct Bert: Sendable, Equatable {
  public let configuration: BertConfiguration
  public let head: BertHead
  public let layout: ParameterLayout
  let activation: Activation
  let transformActivation: Activation

  /// - Throws: `TensorError.shape` naming the first of the configuration's `faults`.
  public init(_ configuration: BertConfiguration, head: BertHead) throws(TensorError) {
    if let fault = configuration.faults.first { throw .shape(operation: "BERT", detail: fault) }
    guard let activation = Activation(hiddenActivation: configuration.activation),
      let transformActivation = configuration.transformActivation
    else {
      throw .shape(operation: "BERT", detail: "unknown activation")
    }
    switch head {
    case .classifier(let labels), .tagger(let labels): try checkOutputs(labels, of: configuration.family.title)
    case .encoder, .maskedLM, .regression: break
    }
    (self.configuration, self.head) = (configuration, head)
    (self.activation, self.transformActivation) = (activation, transformActivation)
    layout = try .bert(configuration, head: head)
    try layout.checkSize(of: "BERT")
  }
}

extension Bert {
  /// The parameter of word embeddings [vocabulary, hidden]; the encoder only looks rows up in it.
  public var wordTable: String { BertNames.words }

  /// The layer that gives the outputs of a head that is not a language model's; its rows are the classes.
  public var outputLayer: String { configuration.outputLayer(of: head) }
}

extension Bert {
  /// Embeddings and all blocks (Devlin et al. 2019, and the differences of each family).
  ///
  /// - Parameters:
  ///   - exposesScores: give each block's raw scores as values that losses can use.
  ///   - output: the rows of the last block's output that are read. Behind its attention that block computes those alone
  ///     (MobileBERT's computes all).
  /// - Throws: `TensorError.index` for a token id, a segment or a position outside its table, or a row outside the batch.
  public func encode<Element: TensorElement>(
    _ batch: PackedBatch, with model: ParameterBinding<Element>, in graph: Graph<Element>, exposesScores: Bool = false,
    output: OutputTokens = .all
  ) throws(TensorError) -> BertStates<Element> {
    let embedded = try embed(batch, with: model, in: graph)
    var states = BertStates(hidden: [embedded])
    for layer in 0..<configuration.layerCount {
      let tokens = layer == configuration.layerCount - 1 ? output : .all
      if let bottleneck = configuration.bottleneck {
        try run(layer, through: bottleneck, on: batch, with: model, in: graph, exposesScores, &states)
      } else {
        try run(layer, on: batch, with: model, in: graph, exposesScores, at: tokens, &states)
      }
    }
    return states
  }

  /// Words, positions and segments, their norm and, where embeddings are narrow, their projection: [tokens, hidden].
  private func embed<Element: TensorElement>(
    _ batch: PackedBatch, with model: ParameterBinding<Element>, in graph: Graph<Element>
  ) throws(TensorError) -> Tensor<Element> {
    if configuration.bottleneck != nil { return try embedTrigrams(batch, with: model, in: graph) }
    let first = Int32(configuration.firstPosition)
    let hasTypes = configuration.typeVocabularySize > 0
    let summed = try graph.embedding(
      words: graph.table(BertNames.words, of: model), ids: batch.ids,
      positions: graph.parameter(BertNames.positions, of: model),
      places: first == 0 ? batch.positions : batch.positions.map { $0 + first },
      types: hasTypes ? graph.parameter(BertNames.types, of: model) : nil, kinds: hasTypes ? batch.typeIDs : [])
    let normal = try norm("\(BertNames.embeddings).LayerNorm", summed, nil, model, graph)
    let kept = try graph.dropout(normal, rate: configuration.hiddenDropout, firstRow: batch.firstRow)
    return configuration.embeddingSize == nil ? kept : try linear(BertNames.mapping, kept, model, graph)
  }

  private func run<Element: TensorElement>(
    _ layer: Int, on batch: PackedBatch, with model: ParameterBinding<Element>, in graph: Graph<Element>,
    _ exposesScores: Bool, at tokens: OutputTokens, _ states: inout BertStates<Element>
  ) throws(TensorError) {
    let block = configuration.parameterBlock(layer)
    let name = BertNames.block(block)
    let input = states.last
    let projections = try graph.linear(
      input, weight: graph.parameter(model.layout.fused(BertNames.projections(block, "weight")), of: model),
      bias: graph.parameter(model.layout.fused(BertNames.projections(block, "bias")), of: model))
    let attention = try graph.attention(
      projections, heads: configuration.blockShape(layer).headCount, offsets: batch.offsets,
      dropout: configuration.attentionDropout, firstRow: batch.firstRow, exposesScores: exposesScores)
    let (context, residual) = try (
      graph.rows(attention.context, of: tokens), graph.rows(input, of: tokens)
    )
    let firstRow = tokens.firstRow(of: batch)
    let attended = try linear("\(name).attention.output.dense", context, model, graph)
    let kept = try graph.dropout(attended, rate: configuration.attendedDropout, firstRow: firstRow)
    let middle = try norm("\(name).attention.output.LayerNorm", kept, residual, model, graph)
    let wide = try linear("\(name).intermediate.dense", middle, model, graph, activation)
    let narrow = try linear("\(name).output.dense", wide, model, graph)
    let last = try graph.dropout(narrow, rate: configuration.feedForwardDropout, firstRow: firstRow)
    let output = try norm("\(name).output.LayerNorm", last, middle, model, graph)
    states.append(output, attention, projections, at: tokens)
  }

  func linear<Element: TensorElement>(
    _ name: String, _ x: Tensor<Element>, _ model: ParameterBinding<Element>, _ graph: Graph<Element>,
    _ activation: Activation = .identity
  ) throws(TensorError) -> Tensor<Element> {
    try graph.linear(
      x, weight: graph.parameter("\(name).weight", of: model), bias: graph.parameter("\(name).bias", of: model),
      activation: activation)
  }

  func norm<Element: TensorElement>(
    _ name: String, _ x: Tensor<Element>, _ residual: Tensor<Element>?, _ model: ParameterBinding<Element>,
    _ graph: Graph<Element>
  ) throws(TensorError) -> Tensor<Element> {
    let (weight, bias) = (
      try graph.parameter("\(name).weight", of: model), try graph.parameter("\(name).bias", of: model)
    )
    if let bottleneck = configuration.bottleneck, !bottleneck.normalizes, !name.hasPrefix(BertNames.transform) {
      return try graph.scaleShift(x, residual: residual, weight: weight, bias: bias)
    }
    return try graph.layerNorm(
      x, residual: residual, weight: weight, bias: bias, epsilon: configuration.epsilon(ofNorm: name))
  }
}
