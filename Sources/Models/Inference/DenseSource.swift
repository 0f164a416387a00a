import Tensors

/// Packs a dense checkpoint in f32.
struct DenseSource: InferenceSource {
  let checkpoint: BertCheckpoint

  var configuration: BertConfiguration { checkpoint.bert.configuration }
  var head: BertHead { checkpoint.bert.head }
  private var layout: ParameterLayout { checkpoint.bert.layout }

  func linear(_ names: [String]) throws -> any LinearLayer {
    let weight = try layout.fused(names.map { "\($0).weight" })
    guard layout["\(names[0]).bias"] != nil else {
      return FloatLayer(weight: packed(weight), bias: FlatBuffer(count: weight.shape[0]))
    }
    let bias = try layout.fused(names.map { "\($0).bias" })
    return FloatLayer(weight: packed(weight), bias: FlatBuffer(checkpoint.values[bias.range]))
  }

  func decoder(bias: String) throws -> any LinearLayer {
    FloatLayer(weight: packed(try layout.entry(BertNames.words)), bias: try vector(bias))
  }

  private func packed(_ entry: ParameterLayout.Entry) -> PackedWeight {
    PackedWeight(checkpoint.values.pointer + entry.offset, outputs: entry.shape[0], inputs: entry.shape[1])
  }

  func embeddings(_ roles: [EmbeddingRole]) throws -> any EmbeddingTables {
    let tables = try roles.map { role in
      let entry = try layout.entry(role.parameter)
      let unused = configuration.unusedRows(of: role) * entry.shape[1]
      return (role, FlatBuffer(checkpoint.values[entry.range.dropFirst(unused)]), entry.shape[1])
    }
    return FloatEmbeddings(tables: tables.map { ($0.0, $0.1) }, width: tables.first?.2 ?? 0)
  }

  func vector(_ name: String) throws -> FlatBuffer<Float> {
    FlatBuffer(checkpoint.values[try layout.entry(name).range])
  }
}

/// Embedding tables in f32, each [entries, width].
struct FloatEmbeddings: EmbeddingTables {
  let tables: [(role: EmbeddingRole, values: FlatBuffer<Float>)]
  let width: Int

  func embed(_ batch: PackedBatch, into y: UnsafeMutablePointer<Float>) {
    ForwardLoops.embed(tables.map { ($0.values, $0.role.places(in: batch)) }, width: width, into: y)
  }
}
