import Tensors

/// The computation of a BERT as an ONNX graph: the same as `InferencePass`, on padded batches.
///
/// Inputs are `input_ids`, `attention_mask` and `token_type_ids`, i64 [batch_size, sequence_length]. A masked token adds
/// −10,000 to the scores of attention: that is enough for a weight of exactly 0 beside any token that counts, and a row of
/// nothing but padding still has finite numbers.
struct BertGraph<Weights: ONNXWeights> {
  let weights: Weights
  private(set) var graph: ONNXGraph

  private var configuration: BertConfiguration { weights.bert.configuration }
  private var hidden: Int { configuration.hiddenSize }

  /// - Throws: `model.badConfiguration` for an activation that has no operator.
  init(_ weights: Weights, opset: Int) throws {
    self.weights = weights
    graph = ONNXGraph(opset: opset)
    guard let activation = Activation(hiddenActivation: weights.bert.configuration.activation) else {
      throw refusal("model.badConfiguration", "There is no activation “\(weights.bert.configuration.activation)”.")
    }
    for name in [Self.ids, Self.mask, Self.types] { graph.declare(input: name, .i64, Self.tokens) }
    let mask = additiveMask()
    var states = try embed()
    let isPooled = weights.bert.head.outputs > 0 && !weights.bert.head.answersTokens
    for block in 0..<configuration.layerCount {
      let isLast = block == configuration.layerCount - 1
      states = try encode(block, states, mask, activation, firstOnly: isPooled && isLast)
    }
    try finish(states, activation)
  }

  private static var ids: String { "input_ids" }
  private static var mask: String { "attention_mask" }
  private static var types: String { "token_type_ids" }
  private static var batch: ONNXDimension { .dynamic("batch_size") }
  private static var length: ONNXDimension { .dynamic("sequence_length") }
  private static var tokens: [ONNXDimension] { [batch, length] }
}

// MARK: Embeddings

extension BertGraph {
  /// −10,000 where a token is masked, else 0: [batch, 1, 1, length].
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
    let types = try weights.rows(of: BertNames.types, at: Self.types, in: &graph)
    let length = graph.add(
      "Shape", [Self.ids], ["start": .integer(1), "end": .integer(2)], as: "\(BertNames.embeddings)/length")
    let places = try weights.rows(of: BertNames.positions, from: graph.integers([0]), to: length, in: &graph)
    let sum = graph.add("Add", [words, types], as: "\(BertNames.embeddings)/Add")
    let placed = graph.add("Add", [sum, places], as: "\(BertNames.embeddings)/Add_positions")
    return try norm(placed, "\(BertNames.embeddings).LayerNorm")
  }

  private mutating func norm(_ x: String, _ name: String) throws -> String {
    try graph.layerNorm(x, name, epsilon: configuration.layerNormEpsilon, from: weights)
  }
}

// MARK: Blocks

extension BertGraph {
  /// A block's output: [batch, length, hidden], or with `firstOnly` that of each sequence's first token alone:
  /// [batch, 1, hidden].
  private mutating func encode(
    _ block: Int, _ states: String, _ mask: String, _ activation: Activation, firstOnly: Bool
  ) throws -> String {
    let name = BertNames.block(block)
    let rows = firstOnly ? first(of: states, as: "\(name)/first") : states
    let context = try attend(block, states, from: rows, mask)
    let attended = try weights.linear("\(name).attention.output.dense", of: context, in: &graph)
    let middle = try residual(attended, rows, "\(name).attention.output")
    let wide = try weights.linear("\(name).intermediate.dense", of: middle, in: &graph)
    let active = graph.activate(wide, activation, as: "\(name).intermediate")
    let narrow = try weights.linear("\(name).output.dense", of: active, in: &graph)
    return try residual(narrow, middle, "\(name).output")
  }

  private mutating func first(of states: String, as name: String) -> String {
    graph.add("Gather", [states, graph.integers([0])], ["axis": .integer(1)], as: name)
  }

  private mutating func residual(_ x: String, _ other: String, _ name: String) throws -> String {
    try norm(graph.add("Add", [x, other], as: "\(name)/Add"), "\(name).LayerNorm")
  }

  /// Attention of `rows` on all states: [batch, rows, heads · size].
  private mutating func attend(_ block: Int, _ states: String, from rows: String, _ mask: String) throws -> String {
    let name = "\(BertNames.block(block)).attention.self"
    let heads = configuration.blockShape(block).headCount
    let projections: [String]
    if rows == states {
      let layers = ["query", "key", "value"].map { "\(name).\($0)" }
      projections = try weights.linear(layers, of: states, as: name, in: &graph)
    } else {
      let query = try weights.linear("\(name).query", of: rows, in: &graph)
      let others = ["key", "value"].map { "\(name).\($0)" }
      projections = [query] + (try weights.linear(others, of: states, as: name, in: &graph))
    }
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
  private mutating func finish(_ states: String, _ activation: Activation) throws {
    let head = weights.bert.head
    switch head {
    case .encoder:
      let pooled = try pool(first(of: states, as: "bert.pooler/first"))
      let rows = graph.squeeze(pooled, axis: 1, as: "bert.pooler/Squeeze")
      graph.declare(output: "last_hidden_state", .f32, Self.tokens + [.fixed(hidden)], value: states)
      graph.declare(output: "pooler_output", .f32, [Self.batch, .fixed(hidden)], value: rows)
    case .classifier, .regression:
      let logits = try weights.linear(BertNames.classifier, of: pool(states), in: &graph)
      let rows = graph.squeeze(logits, axis: 1, as: "\(BertNames.classifier)/Squeeze")
      graph.declare(output: "logits", .f32, [Self.batch, .fixed(head.outputs)], value: rows)
    case .tagger(let labels):
      let logits = try weights.linear(BertNames.classifier, of: states, in: &graph)
      graph.declare(output: "logits", .f32, Self.tokens + [.fixed(labels)], value: logits)
    case .maskedLM:
      let dense = try weights.linear("\(BertNames.transform).dense", of: states, in: &graph)
      let active = graph.activate(dense, activation, as: BertNames.transform)
      let logits = try weights.decode(norm(active, "\(BertNames.transform).LayerNorm"), in: &graph)
      graph.declare(output: "logits", .f32, Self.tokens + [.fixed(configuration.vocabularySize)], value: logits)
    }
  }

  /// tanh(dense) of the first tokens' states: [batch, 1, hidden].
  private mutating func pool(_ first: String) throws -> String {
    graph.activate(try weights.linear(BertNames.pooler, of: first, in: &graph), .tanh, as: BertNames.pooler)
  }
}
