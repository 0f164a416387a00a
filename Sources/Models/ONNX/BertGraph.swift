import Tensors

/// The computation of a BERT, or of a model of its family, as an ONNX graph: the same as `InferencePass`, on padded batches.
///
/// Inputs are `input_ids`, `attention_mask` and, where the model has several segments, `token_type_ids`, i64 [batch_size,
/// sequence_length]. A masked token adds −10,000 to the scores of attention: that is enough for a weight of exactly 0 beside
/// any token that counts, and a row of nothing but padding still has finite numbers.
struct BertGraph<Weights: ONNXWeights> {
  let weights: Weights
  let activation: Activation
  /// −10,000 where a token is masked, else 0: [batch, 1, 1, length].
  private(set) var mask = ""
  var graph: ONNXGraph

  var configuration: BertConfiguration { weights.bert.configuration }

  /// - Throws: `model.badConfiguration` for an activation that has no operator.
  init(_ weights: Weights, opset: Int) throws {
    self.weights = weights
    guard let activation = Activation(hiddenActivation: weights.bert.configuration.activation) else {
      throw refusal("model.badConfiguration", "There is no activation “\(weights.bert.configuration.activation)”.")
    }
    self.activation = activation
    graph = ONNXGraph(opset: opset)
    for name in [Self.ids, Self.mask] + (hasSegments ? [Self.types] : []) {
      graph.declare(input: name, .i64, Self.tokens)
    }
    mask = additiveMask()
    var states = try embed()
    // What stands on a text's first token needs no other of the last block.
    let isPooled = weights.bert.head.outputs > 0 && !weights.bert.head.answersTokens
    for layer in 0..<configuration.layerCount {
      let isLast = layer == configuration.layerCount - 1
      if configuration.sharedBlocks != nil { graph.scope = "layer.\(layer)/" }
      states = try encode(configuration.parameterBlock(layer), states, firstOnly: isPooled && isLast)
      graph.scope = ""
    }
    try finish(states)
  }

  static var ids: String { "input_ids" }
  static var mask: String { "attention_mask" }
  static var types: String { "token_type_ids" }
  private static var batch: ONNXDimension { .dynamic("batch_size") }
  private static var tokens: [ONNXDimension] { [batch, .dynamic("sequence_length")] }
  private var hasSegments: Bool { configuration.typeVocabularySize > 1 }
}

// MARK: Embeddings

extension BertGraph {
  private mutating func additiveMask() -> String {
    let rows = graph.add("Unsqueeze", [Self.mask, graph.integers([1])], as: "\(Self.mask)/rows")
    let heads = graph.add("Unsqueeze", [rows, graph.integers([2])], as: "\(Self.mask)/heads")
    let numbers = graph.cast(heads, to: .f32, as: "\(Self.mask)/Cast")
    let isMasked = graph.add("Sub", [graph.number(1), numbers], as: "\(Self.mask)/Sub")
    return graph.add("Mul", [isMasked, graph.number(-10_000)], as: "\(Self.mask)/Mul")
  }

  /// Words, segments and places, added and normed: [batch, length, hidden].
  private mutating func embed() throws -> String {
    let words = try weights.rows(of: BertNames.words, at: Self.ids, in: &graph)
    guard configuration.bottleneck == nil else { return try embedTrigrams(words) }
    let normal = try norm(addingPlaces(to: words), "\(BertNames.embeddings).LayerNorm")
    return configuration.embeddingSize == nil ? normal : try weights.linear(BertNames.mapping, of: normal, in: &graph)
  }

  /// With the rows of segments, where the model has some, and places.
  mutating func addingPlaces(to words: String) throws -> String {
    var sum = words
    if hasSegments {
      let types = try weights.rows(of: BertNames.types, at: Self.types, in: &graph)
      sum = graph.add("Add", [sum, types], as: "\(BertNames.embeddings)/Add")
    } else if configuration.typeVocabularySize == 1 {
      let (start, end) = (graph.integers([0]), graph.integers([1]))
      let type = try weights.rows(of: BertNames.types, from: start, to: end, in: &graph)
      sum = graph.add("Add", [sum, type], as: "\(BertNames.embeddings)/Add")
    }
    let start = graph.integers([configuration.firstPosition])
    var end = graph.add(
      "Shape", [Self.ids], ["start": .integer(1), "end": .integer(2)], as: "\(BertNames.embeddings)/length")
    if configuration.firstPosition > 0 { end = graph.add("Add", [end, start], as: "\(BertNames.embeddings)/end") }
    let places = try weights.rows(of: BertNames.positions, from: start, to: end, in: &graph)
    return graph.add("Add", [sum, places], as: "\(BertNames.embeddings)/Add_positions")
  }

  mutating func norm(_ x: String, _ name: String) throws -> String {
    let isMere = configuration.bottleneck?.normalizes == false && !name.hasPrefix(BertNames.transform)
    return try graph.norm(x, name, epsilon: isMere ? nil : configuration.epsilon(ofNorm: name), from: weights)
  }
}

// MARK: Blocks

extension BertGraph {
  /// A block's output: [batch, length, hidden], or with `firstOnly` that of each sequence's first token alone:
  /// [batch, 1, hidden].
  ///
  /// - Parameter block: among those that have parameters.
  private mutating func encode(_ block: Int, _ states: String, firstOnly: Bool) throws -> String {
    let name = BertNames.block(block)
    if firstOnly, configuration.bottleneck != nil || configuration.sharedBlocks != nil {
      // Blocks of one form: a shared one has its stacked weights once.
      return first(of: try encode(block, states, firstOnly: false), as: "\(name)/first")
    }
    if let bottleneck = configuration.bottleneck { return try encode(block, states, through: bottleneck) }
    let rows = firstOnly ? first(of: states, as: "\(name)/first") : states
    let attention = "\(name).attention.self"
    let projections: [String]
    if firstOnly {
      let query = try weights.linear("\(attention).query", of: rows, in: &graph)
      let others = ["\(attention).key", "\(attention).value"]
      projections = [query] + (try weights.linear(others, of: states, as: "\(attention).key_value", in: &graph))
    } else {
      let layers = ["query", "key", "value"].map { "\(attention).\($0)" }
      projections = try weights.linear(layers, of: states, as: "\(attention).query_key_value", in: &graph)
    }
    let context = attend(projections, heads: configuration.blockShape(block).headCount, as: attention)
    let attended = try weights.linear("\(name).attention.output.dense", of: context, in: &graph)
    let middle = try residual(attended, rows, "\(name).attention.output")
    return try network(name, middle)
  }

  /// A feed-forward network with its sum and norm.
  mutating func network(_ name: String, _ x: String) throws -> String {
    let wide = try weights.linear("\(name).intermediate.dense", of: x, in: &graph)
    let active = graph.activate(wide, activation, as: "\(name).intermediate")
    return try residual(weights.linear("\(name).output.dense", of: active, in: &graph), x, "\(name).output")
  }

  mutating func residual(_ x: String, _ other: String, _ name: String) throws -> String {
    try norm(graph.add("Add", [x, other], as: "\(name)/Add"), "\(name).LayerNorm")
  }

  private mutating func first(of states: String, as name: String) -> String {
    graph.add("Gather", [states, graph.integers([0])], ["axis": .integer(1)], as: name)
  }

  /// Attention of the queries' rows: [batch, rows, heads · size].
  ///
  /// - Parameter projections: queries, keys and values.
  mutating func attend(_ projections: [String], heads: Int, as name: String) -> String {
    let query = split(projections[0], heads, [0, 2, 1, 3], as: "\(name).query")
    let key = split(projections[1], heads, [0, 2, 3, 1], as: "\(name).key")
    let value = split(projections[2], heads, [0, 2, 1, 3], as: "\(name).value")
    let products = graph.add("MatMul", [query, key], as: "\(name)/scores")
    let root = graph.number(Float(configuration.headSize).squareRoot())
    let scaled = graph.add("Div", [products, root], as: "\(name)/Div")
    let scores = graph.add("Add", [scaled, mask], as: "\(name)/masked")
    let shares = graph.add("Softmax", [scores], ["axis": .integer(-1)], as: "\(name)/Softmax")
    let mixed = graph.add("MatMul", [shares, value], as: "\(name)/context")
    let turned = graph.add("Transpose", [mixed], ["perm": .integers([0, 2, 1, 3])], as: "\(name)/Transpose")
    let shape = graph.integers([0, 0, heads * configuration.headSize])
    return graph.add("Reshape", [turned, shape], as: "\(name)/Reshape")
  }

  /// [batch, rows, heads · size] as [batch, rows, heads, size], its axes in another order.
  private mutating func split(_ x: String, _ heads: Int, _ order: [Int], as name: String) -> String {
    let shape = graph.integers([0, 0, heads, configuration.headSize])
    let apart = graph.add("Reshape", [x, shape], as: "\(name)/Reshape")
    return graph.add("Transpose", [apart], ["perm": .integers(order)], as: "\(name)/Transpose")
  }
}

// MARK: Heads

extension BertGraph {
  /// What stands on the last block's states, given out.
  private mutating func finish(_ states: String) throws {
    let head = weights.bert.head
    let output = configuration.outputLayer(of: head)
    switch head {
    case .encoder:
      let hidden = ONNXDimension.fixed(configuration.hiddenSize)
      graph.declare(output: "last_hidden_state", .f32, Self.tokens + [hidden], value: states)
      guard configuration.pooler(under: head) != nil else { return }
      let pooled = try pool(first(of: states, as: "bert.pooler/first"))
      let rows = graph.squeeze(pooled, axis: 1, as: "bert.pooler/Squeeze")
      graph.declare(output: "pooler_output", .f32, [Self.batch, hidden], value: rows)
    case .classifier, .regression:
      let logits = try weights.linear(output, of: pool(states), in: &graph)
      let rows = graph.squeeze(logits, axis: 1, as: "\(output)/Squeeze")
      graph.declare(output: "logits", .f32, [Self.batch, .fixed(head.outputs)], value: rows)
    case .tagger(let labels):
      let logits = try weights.linear(output, of: states, in: &graph)
      graph.declare(output: "logits", .f32, Self.tokens + [.fixed(labels)], value: logits)
    case .maskedLM:
      let dense = try weights.linear("\(BertNames.transform).dense", of: states, in: &graph)
      let active = graph.activate(dense, configuration.transformActivation ?? activation, as: BertNames.transform)
      let logits = try decode(norm(active, "\(BertNames.transform).LayerNorm"))
      graph.declare(output: "logits", .f32, Self.tokens + [.fixed(configuration.vocabularySize)], value: logits)
    }
  }

  /// The layer between the first tokens' states and the last one: [batch, 1, hidden].
  private mutating func pool(_ first: String) throws -> String {
    guard let pooler = configuration.pooler(under: weights.bert.head) else { return first }
    return graph.activate(try weights.linear(pooler.name, of: first, in: &graph), pooler.activation, as: pooler.name)
  }

  /// Scores of all words: products with their embeddings, and with the part that is not tied where there is one.
  private mutating func decode(_ x: String) throws -> String {
    let name = BertNames.decoder
    let bias = graph.store(try weights.vector(BertNames.decoderBias))
    guard let rest = weights.bert.layout[BertNames.decoderRest] else {
      return graph.add(
        "Add", [try weights.product(of: x, with: BertNames.words, as: name, in: &graph), bias], as: "\(name)/Add")
    }
    let widths = graph.integers([configuration.embeddingWidth, rest.extent.columns])
    let parts = graph.add(
      "Split", [x, widths], ["axis": .integer(-1)], as: "\(name)/Split", outputs: ["\(name)/tied", "\(name)/rest"])
    let tied = try weights.product(of: parts[0], with: BertNames.words, as: name, in: &graph)
    let layer = String(rest.name.dropLast(".weight".count))
    let other = try weights.product(of: parts[1], with: rest.name, as: layer, in: &graph)
    return graph.add("Add", [graph.add("Add", [tied, other], as: "\(name)/sum"), bias], as: "\(name)/Add")
  }
}
