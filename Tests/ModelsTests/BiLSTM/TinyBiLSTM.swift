import Models
import RetortTesting
import Tensors

/// A BiLSTM of `Tests/Goldens/recurrent.py`: its shape, batch and parameters.
struct TinyBiLSTM: Sendable {
  let golden: Golden
  let name: String
  let model: BiLSTM
  let batch: PackedBatch
  let values: FlatBuffer<Float>

  static func configuration(_ name: String) -> BiLSTMConfiguration {
    let pairs = name == "pairs"
    return BiLSTMConfiguration(
      vocabularySize: 30, embeddingSize: 7, hiddenSize: pairs ? 5 : 18, layerCount: pairs ? 1 : 2, denseSize: 9,
      dropout: 0, comparesPairs: pairs)
  }

  /// - Parameter name: `classifier` or `pairs`; its parameters fill the values.
  init(_ name: String, dropout: Double = 0) throws {
    golden = try Golden("recurrent")
    self.name = name
    var configuration = Self.configuration(name)
    configuration.dropout = dropout
    model = try BiLSTM(configuration, outputs: 3)
    var ids = try golden.integers("\(name).ids")[...]
    // The lengths of both sides of each text; single texts have one side.
    var sides = try golden.integers(name == "pairs" ? "pairs.sides" : "lengths")
    if name != "pairs" { sides = sides.flatMap { [$0, 0] } }
    var batch = PackedBatch()
    for start in stride(from: 0, to: sides.count, by: 2) {
      let (first, second) = (Int(sides[start]), Int(sides[start + 1]))
      let types = [Int32](repeating: 0, count: first) + [Int32](repeating: 1, count: second)
      try batch.append(Array(ids.prefix(first + second)), types: types)
      ids = ids.dropFirst(first + second)
    }
    self.batch = batch
    values = FlatBuffer<Float>(count: model.layout.count)
    for entry in model.layout.entries {
      values.write(try golden.floats("\(name).parameter.\(entry.name)"), at: entry.offset)
    }
  }

  func floats(_ tensor: String) throws -> [Float] { try golden.floats("\(name).\(tensor)") }
  func labels() throws -> [Int32] { try golden.integers("\(name).labels") }
}
