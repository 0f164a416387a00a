import Tensors

/// Where a graph takes its parameters from, and how it multiplies with them: a dense or a quantized checkpoint.
protocol ONNXWeights {
  var bert: Bert { get }

  /// Linear layers of one input, such as query, key and value: x · Wᵀ + b of each.
  ///
  /// - Parameters:
  ///   - layers: names without `.weight`.
  ///   - x: a value [batch, length, inputs].
  ///   - name: of all of them together.
  func linear(_ layers: [String], of x: String, as name: String, in graph: inout ONNXGraph) throws -> [String]
  /// x · Tᵀ for a table that the graph also has as it lies, such as the word embeddings under a masked LM.
  ///
  /// - Parameter name: the layer's, without `.weight`.
  func product(of x: String, with table: String, as name: String, in graph: inout ONNXGraph) throws -> String
  /// The rows of an embedding table at token or segment numbers: [batch, length, width].
  func rows(of table: String, at numbers: String, in graph: inout ONNXGraph) throws -> String
  /// The rows of an embedding table between two places, each a vector of one number: [length, width].
  func rows(of table: String, from start: String, to end: String, in graph: inout ONNXGraph) throws -> String
  /// A small parameter in f32.
  func vector(_ name: String) throws -> StoredTensor
}

extension ONNXWeights {
  func linear(_ layer: String, of x: String, in graph: inout ONNXGraph) throws -> String {
    try linear([layer], of: x, as: layer, in: &graph)[0]
  }

  /// A table's name without `.weight`: where its nodes stand.
  static func place(of table: String) -> String {
    table.hasSuffix(".weight") ? String(table.dropLast(".weight".count)) : table
  }
}

/// A dense checkpoint in f32.
struct DenseONNXWeights: ONNXWeights {
  let checkpoint: BertCheckpoint

  var bert: Bert { checkpoint.bert }

  /// A product for each layer: ONNX Runtime makes one attention of three that stand side by side.
  func linear(_ layers: [String], of x: String, as name: String, in graph: inout ONNXGraph) throws -> [String] {
    try layers.map { layer in
      let weight = graph.store(try transposed("\(layer).weight"))
      let product = graph.add("MatMul", [x, weight], as: "\(layer)/MatMul")
      return graph.add("Add", [product, graph.store(try vector("\(layer).bias"))], as: "\(layer)/Add")
    }
  }

  func product(of x: String, with table: String, as name: String, in graph: inout ONNXGraph) throws -> String {
    let turned = graph.add(
      "Transpose", [graph.store(try tensor(table))], ["perm": .integers([1, 0])], as: "\(name)/Transpose")
    return graph.add("MatMul", [x, turned], as: "\(name)/MatMul")
  }

  func rows(of table: String, at numbers: String, in graph: inout ONNXGraph) throws -> String {
    graph.add("Gather", [graph.store(try tensor(table)), numbers], as: "\(Self.place(of: table))/Gather")
  }

  func rows(of table: String, from start: String, to end: String, in graph: inout ONNXGraph) throws -> String {
    let axes = graph.integers([0])
    return graph.add(
      "Slice", [graph.store(try tensor(table)), start, end, axes], as: "\(Self.place(of: table))/Slice")
  }

  func vector(_ name: String) throws -> StoredTensor { try tensor(name) }

  private func tensor(_ name: String) throws -> StoredTensor {
    let entry = try bert.layout.entry(name)
    return StoredTensor(name: name, type: .f32, shape: entry.shape) { [values = checkpoint.values] in
      try StoredTensor(name, shape: entry.shape, floats: values[entry.range]).bytes()
    }
  }

  /// A weight [outputs, inputs] as a product takes it: [inputs, outputs].
  private func transposed(_ name: String) throws -> StoredTensor {
    let entry = try bert.layout.entry(name)
    let (rows, columns) = entry.extent
    let shape = [columns, rows]
    return StoredTensor(name: "\(name).transposed", type: .f32, shape: shape) { [values = checkpoint.values] in
      let floats = values[entry.range].transposed(columns: columns)
      return try StoredTensor(name, shape: shape, floats: floats).bytes()
    }
  }
}
