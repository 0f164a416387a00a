import Artifacts
import Tensors

/// A quantized checkpoint: products of 8-bit integers with our own weights and scales.
///
/// Where scales are dynamic: DynamicQuantizeLinear → MatMulInteger → Cast → Mul → Add, which runtimes fuse. Where they
/// are static: QuantizeLinear → DequantizeLinear → MatMul of a DequantizeLinear of the weight → Add.
struct QuantizedONNXWeights: ONNXWeights {
  let checkpoint: QuantizedCheckpoint
  let activations: ONNXActivations

  var bert: Bert { checkpoint.bert }
  var convention: Int8Convention { checkpoint.convention }

  /// One product for all layers, cut afterwards.
  func linear(_ layers: [String], of x: String, as name: String, in graph: inout ONNXGraph) throws -> [String] {
    let matrix = QuantizedMatrix.stacked(try layers.map { try self.matrix("\($0).weight") })
    let weight = StoredTensor(name: "\(name).weight.transposed", type: .i8, shape: [matrix.columns, matrix.rows]) {
      matrix.values.transposed(columns: matrix.columns).map { UInt8(bitPattern: $0) }
    }
    let bias = try layers.flatMap { try floats("\($0).bias") }
    let factor = Factor(
      weight: graph.store(weight), scales: graph.store(scales(of: matrix, as: "\(name).weight.scale")),
      sums: { matrix.sums }, layer: layers.first ?? name)
    let product = try product(of: x, with: factor, as: name, in: &graph)
    let stored = graph.store(StoredTensor("\(name).bias", shape: [bias.count], floats: bias))
    let result = graph.add("Add", [product, stored], as: "\(name)/Add")
    guard layers.count > 1 else { return [result] }
    let widths = graph.integers(layers.map { _ in matrix.rows / layers.count })
    return graph.add(
      "Split", [result, widths], ["axis": .integer(-1)], as: "\(name)/Split", outputs: layers.map { "\($0)/Split" })
  }

  func product(of x: String, with table: String, as name: String, in graph: inout ONNXGraph) throws -> String {
    let matrix = try matrix(table)
    let stored = graph.store(self.table(matrix, as: table))
    let factor = Factor(
      weight: graph.add("Transpose", [stored], ["perm": .integers([1, 0])], as: "\(name)/Transpose"),
      scales: graph.store(scales(of: matrix, as: "\(name).weight.scale")), sums: { matrix.sums }, layer: name)
    return try product(of: x, with: factor, as: name, in: &graph)
  }

  func rows(of table: String, at numbers: String, in graph: inout ONNXGraph) throws -> String {
    let matrix = try matrix(table)
    let place = Self.place(of: table)
    let rows = graph.add("Gather", [graph.store(self.table(matrix, as: table)), numbers], as: "\(place)/Gather")
    let scales = graph.add("Gather", [graph.store(column(matrix, of: table)), numbers], as: "\(place)/scales")
    return real(rows, scales, as: place, in: &graph)
  }

  func rows(of table: String, from start: String, to end: String, in graph: inout ONNXGraph) throws -> String {
    let matrix = try matrix(table)
    let place = Self.place(of: table)
    let bounds = [start, end, graph.integers([0])]
    let rows = graph.add("Slice", [graph.store(self.table(matrix, as: table))] + bounds, as: "\(place)/Slice")
    let scales = graph.add("Slice", [graph.store(column(matrix, of: table))] + bounds, as: "\(place)/scales")
    return real(rows, scales, as: place, in: &graph)
  }

  func vector(_ name: String) throws -> StoredTensor {
    let floats = try floats(name)
    return StoredTensor(name, shape: [floats.count], floats: floats)
  }

  private func real(_ integers: String, _ scales: String, as name: String, in graph: inout ONNXGraph) -> String {
    let numbers = graph.cast(integers, to: .f32, as: "\(name)/Cast")
    return graph.add("Mul", [numbers, scales], as: "\(name)/Mul")
  }

  private func table(_ matrix: QuantizedMatrix, as name: String) -> StoredTensor {
    StoredTensor(name, shape: [matrix.rows, matrix.columns], int8: matrix.values)
  }

  private func column(_ matrix: QuantizedMatrix, of table: String) -> StoredTensor {
    StoredTensor("\(table).scale", shape: [matrix.rows, 1], floats: matrix.scales)
  }

  /// One number where all outputs share a scale.
  private func scales(of matrix: QuantizedMatrix, as name: String) -> StoredTensor {
    if let first = matrix.scales.first, matrix.scales.allSatisfy({ $0 == first }) {
      return StoredTensor(name, shape: [], floats: [first])
    }
    return StoredTensor(name, shape: [matrix.rows], floats: matrix.scales)
  }

  private func matrix(_ name: String) throws -> QuantizedMatrix {
    guard let matrix = checkpoint.matrices[name] else { throw TensorError.parameter(name: name, detail: "no matrix") }
    return matrix
  }

  private func floats(_ name: String) throws -> [Float] {
    guard let vector = checkpoint.vectors[name] else { throw TensorError.parameter(name: name, detail: "no vector") }
    return vector
  }
}

extension QuantizedMatrix {
  /// Each row's integers, added.
  fileprivate var sums: [Int32] {
    guard columns > 0 else { return scales.map { _ in 0 } }
    return stride(from: 0, to: values.count, by: columns).map { start in
      values[start..<start + columns].reduce(0) { $0 + Int32($1) }
    }
  }
}
