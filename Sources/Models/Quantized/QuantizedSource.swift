import Artifacts
import Tensors

/// Packs a quantized checkpoint for integer products.
struct QuantizedSource: InferenceSource {
  let checkpoint: QuantizedCheckpoint

  var configuration: BertConfiguration { checkpoint.bert.configuration }
  var head: BertHead { checkpoint.bert.head }

  func linear(_ names: [String]) throws -> any LinearLayer {
    try layer(
      .stacked(names.map { try matrix("\($0).weight") }), bias: names.flatMap { try biases(of: $0) },
      name: names.first ?? "")
  }

  func decoder(bias: String) throws -> any LinearLayer {
    try layer(matrix(BertNames.words), bias: floats(bias), name: BertNames.decoder)
  }

  func embeddings(_ roles: [EmbeddingRole]) throws -> any EmbeddingTables {
    Int8Embeddings(
      tables: try roles.map { role in
        let matrix = try matrix(role.parameter)
        let unused = configuration.unusedRows(of: role)
        return (
          role,
          Int8Table(
            Array(matrix.values.dropFirst(unused * matrix.columns)), scales: Array(matrix.scales.dropFirst(unused)))
        )
      })
  }

  func vector(_ name: String) throws -> FlatBuffer<Float> { FlatBuffer(try floats(name)) }

  private func layer(_ matrix: QuantizedMatrix, bias: [Float], name: String) throws -> Int8Layer {
    let convention = checkpoint.convention
    return Int8Layer(
      weight: try PackedInt8Weight(matrix.values, scales: matrix.scales, bias: bias, inputs: matrix.columns),
      convention: convention, fixed: try checkpoint.ranges[name].map { try convention.activationGrid(over: $0) })
  }

  private func matrix(_ name: String) throws -> QuantizedMatrix {
    guard let matrix = checkpoint.matrices[name] else { throw TensorError.parameter(name: name, detail: "no matrix") }
    return matrix
  }

  /// Zeros for the one layer that has none.
  private func biases(of layer: String) throws -> [Float] {
    guard let bias = checkpoint.vectors["\(layer).bias"] else {
      return [Float](repeating: 0, count: try matrix("\(layer).weight").rows)
    }
    return bias
  }

  private func floats(_ name: String) throws -> [Float] {
    guard let vector = checkpoint.vectors[name] else { throw TensorError.parameter(name: name, detail: "no vector") }
    return vector
  }
}

/// A layer in int8: activations are quantized as they come, sums are exact.
struct Int8Layer: LinearLayer {
  let weight: PackedInt8Weight
  let convention: Int8Convention
  /// The grid of its inputs; nil where their own range gives one.
  var fixed: UniformGrid?

  var inputs: Int { weight.inputs }
  var outputs: Int { weight.outputs }

  func prepare(_ x: UnsafePointer<Float>, rows: Int, in workspace: Workspace) -> PreparedRows {
    let room = workspace.preparedRoom(Int8Rows.byteCount(rows: rows, columns: inputs))
    let grid: Int8Grid = convention.grid == .affine ? .affine : .symmetric
    if let fixed {
      return .integers(
        Int8Rows(
          quantizing: x, rows: rows, columns: inputs, grid: grid, scale: fixed.scale, zero: fixed.zero,
          isReduced: convention.reducesRange, in: room))
    }
    return .integers(
      Int8Rows(
        quantizing: x, rows: rows, columns: inputs, grid: grid, shared: convention.granularity == .tensor,
        isReduced: convention.reducesRange, in: room))
  }

  func run(
    _ x: PreparedRows, _ activation: Activation, into y: UnsafeMutablePointer<Float>, stride: Int, columns: Range<Int>
  ) {
    guard case .integers(let rows) = x else { return }
    weight.apply(to: rows, activation: activation, into: y, stride: stride, columns: columns)
  }
}

/// Embedding tables in int8, one scale a row.
struct Int8Embeddings: EmbeddingTables {
  let tables: [(role: EmbeddingRole, values: Int8Table)]

  func embed(_ batch: PackedBatch, into y: UnsafeMutablePointer<Float>) {
    // Words first, positions last: the order of the sum decides its last bits.
    let ordered = tables.filter { $0.role != .positions } + tables.filter { $0.role == .positions }
    for (index, table) in ordered.enumerated() {
      table.values.embed(table.role.places(in: batch), adding: index > 0, into: y)
    }
  }
}
