import Tensors

/// Packs a dense checkpoint in f32.
struct DenseSource: InferenceSource {
  let checkpoint: BertCheckpoint

  var configuration: BertConfiguration { checkpoint.bert.configuration }
  var head: BertHead { checkpoint.bert.head }
  private var layout: ParameterLayout { checkpoint.bert.layout }

  func linear(_ names: [String]) throws -> any LinearLayer {
    let weight = try layout.fused(names.map { "\($0).weight" })
    let bias = try layout.fused(names.map { "\($0).bias" })
    return FloatLayer(weight: packed(weight), bias: FlatBuffer(checkpoint.values[bias.range]))
  }

  func decoder(bias: String) throws -> any LinearLayer {
    FloatLayer(weight: packed(try layout.entry(BertNames.words)), bias: try vector(bias))
  }

  private func packed(_ entry: ParameterLayout.Entry) -> PackedWeight {
    PackedWeight(checkpoint.values.pointer + entry.offset, outputs: entry.shape[0], inputs: entry.shape[1])
  }

  func embeddings() throws -> any EmbeddingTables {
    FloatEmbeddings(
      words: try vector(BertNames.words), positions: try vector(BertNames.positions),
      types: try vector(BertNames.types), width: configuration.hiddenSize)
  }

  func vector(_ name: String) throws -> FlatBuffer<Float> {
    FlatBuffer(checkpoint.values[try layout.entry(name).range])
  }
}

/// Embedding tables in f32, each [entries, width].
struct FloatEmbeddings: EmbeddingTables {
  let words, positions, types: FlatBuffer<Float>
  let width: Int

  func embed(_ batch: PackedBatch, into y: UnsafeMutablePointer<Float>) {
    ForwardLoops.embed(
      words: words, batch.ids, positions: positions, batch.positions, types: types, batch.typeIDs, width: width, into: y
    )
  }
}
