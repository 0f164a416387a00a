import RetortTesting
import Tensors
import Testing

/// Gradients that replace those of the last pass, against gradients added to zeros.
struct ShardGradientsTests {
  private func layout() throws -> ParameterLayout {
    var layout = ParameterLayout()
    try layout.append("words", [9, 5])
    try layout.append(group: [("left", [4, 5]), ("right", [3, 5])])
    try layout.append("bias", [7])
    try layout.append("unused", [11])
    return layout
  }

  /// Looks up `ids`, multiplies by both halves fused and by the left one alone.
  private func run(_ ids: [Int32], _ binding: ParameterBinding<Float>, in graph: Graph<Float>) throws {
    graph.begin(recording: true)
    let x = try graph.embedding(words: graph.table("words", of: binding), ids: ids)
    let both = try graph.linear(
      x, weight: graph.parameter(binding.layout.fused(["left", "right"]), of: binding),
      bias: graph.parameter("bias", of: binding), activation: .gelu)
    let left = try graph.linear(x, weight: graph.parameter("left", of: binding), bias: nil)
    for output in [both, left] {
      let target = [Float](repeating: 0.5, count: output.rows * output.columns)
      try graph.squaredError(
        output, target: graph.constant(target, rows: output.rows, columns: output.columns), scale: 1)
    }
    graph.backward()
  }

  @Test(arguments: [nil, "words"]) func theyReplaceThoseOfTheLastPass(table: String?) throws {
    let layout = try layout()
    let values = FlatBuffer(coefficients(layout.count, seed: 3).map { Float($0) })
    let graph = try Graph<Float>()
    let kept = try ShardGradients<Float>(layout, table: table)
    for ids in [[1, 4, 1, 8], [2, 4], [0, 1, 2, 3, 4, 5, 6, 7, 8, 8], [5]] as [[Int32]] {
      let added = FlatBuffer<Float>(count: layout.count)
      try run(ids, ParameterBinding(layout, values: values, gradients: added), in: graph)
      kept.begin()
      try run(ids, ParameterBinding(layout, values: values, replacing: kept), in: graph)
      kept.finish()
      for entry in layout.entries where entry.name != table {
        #expect(kept.dense[entry.range] == added[entry.range], "\(entry.name)")
      }
      guard let rows = kept.table else { continue }
      #expect(Set(rows.rows) == Set(ids))
      for row in Int32(0)..<9 {
        let expected = added[Int(row) * 5..<Int(row) * 5 + 5]
        let found = rows.gradient(of: row).map { Array(UnsafeBufferPointer(start: $0, count: 5)) }
        #expect(found ?? [Float](repeating: 0, count: 5) == expected)
      }
    }
  }

  @Test func aTableKeptByRowsTakesNoOtherGradient() throws {
    let layout = try layout()
    let kept = try ShardGradients<Float>(layout, table: "words")
    let binding = ParameterBinding(layout, values: FlatBuffer(count: layout.count), replacing: kept)
    let graph = try Graph<Float>()
    graph.begin(recording: true)
    #expect(throws: TensorError.self) { _ = try graph.parameter("words", of: binding) }
    #expect(throws: TensorError.self) { _ = try ShardGradients<Float>(layout, table: "word") }
  }
}
