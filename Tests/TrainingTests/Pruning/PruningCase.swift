import Models
import RetortTesting
import Tensors
import Training

/// The tiny BERT of `Tests/Goldens/pruning.py`, with its texts and labels.
struct PruningCase {
  let golden: Golden
  let bert: Bert
  let values: FlatBuffer<Float>
  let examples: ScoringExamples

  init() throws {
    golden = try Golden("pruning")
    bert = try Bert(
      BertConfiguration(
        vocabularySize: 30, hiddenSize: 12, layerCount: 3, headCount: 3, intermediateSize: 8, maximumPositions: 12,
        dropout: 0.1), head: .classifier(labels: 3))
    values = FlatBuffer<Float>(count: bert.layout.count)
    for entry in bert.layout.entries { values.write(try golden.floats("parameter.\(entry.name)"), at: entry.offset) }
    var ids = try golden.integers("ids")[...]
    var texts: [[Int32]] = []
    for length in try golden.integers("lengths") {
      texts.append(Array(ids.prefix(Int(length))))
      ids = ids.dropFirst(Int(length))
    }
    examples = ScoringExamples(texts: EncodedTexts(ids: texts), labels: try golden.integers("labels"))
  }

  func pruner(
    _ options: PruningOptions, threads: Int = 1, examples: ScoringExamples? = nil
  ) throws -> IterativePruner {
    try IterativePruner(
      bert, values: values, examples: examples ?? self.examples, options: options, team: ThreadTeam(threads))
  }

  /// The golden masks after each cut: which units stay.
  func kept(_ name: String) throws -> [KeptUnits] {
    let heads = try masks("\(name).heads")
    let neurons = try masks("\(name).neurons")
    return zip(heads, neurons).map { heads, neurons in
      KeptUnits(zip(heads, neurons).map { KeptUnits.Block(heads: $0, neurons: $1) })
    }
  }

  /// [steps][blocks][kept numbers] of a mask [steps, blocks, units] or [blocks, units].
  private func masks(_ name: String) throws -> [[[Int]]] {
    let (flags, shape) = (try golden.integers(name), try golden.shape(name))
    let (blocks, units) = (shape[shape.count - 2], shape[shape.count - 1])
    return (0..<flags.count / (blocks * units)).map { step in
      (0..<blocks).map { block in (0..<units).filter { flags[(step * blocks + block) * units + $0] != 0 } }
    }
  }

  func logits(of bert: Bert, _ values: FlatBuffer<Float>) throws -> [Float] {
    try TextOutputs(bert, team: ThreadTeam(1)).logits(of: examples.texts, values: values)
  }
}
