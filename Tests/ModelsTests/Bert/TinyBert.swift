import Models
import RetortTesting
import Tensors

/// The tiny BERT of `Tests/Goldens/bert.py`: its shape, batch and parameters.
struct TinyBert: Sendable {
  let golden: Golden
  let name: String
  let bert: Bert
  let batch: PackedBatch
  let values: FlatBuffer<Float>

  static var configuration: BertConfiguration {
    BertConfiguration(
      vocabularySize: 60, hiddenSize: 24, layerCount: 2, headCount: 3, intermediateSize: 40, maximumPositions: 40,
      dropout: 0)
  }

  /// - Parameter name: a case of the golden file; its parameters fill the values.
  init(_ name: String, head: BertHead, dropout: Double = 0) throws {
    golden = try Golden("bert")
    self.name = name
    var configuration = Self.configuration
    (configuration.hiddenDropout, configuration.attentionDropout) = (dropout, dropout)
    bert = try Bert(configuration, head: head)
    var (ids, types) = (try golden.integers("ids")[...], try golden.integers("types")[...])
    var batch = PackedBatch()
    for length in try golden.integers("lengths") {
      try batch.append(Array(ids.prefix(Int(length))), types: Array(types.prefix(Int(length))))
      ids = ids.dropFirst(Int(length))
      types = types.dropFirst(Int(length))
    }
    self.batch = batch
    values = FlatBuffer<Float>(count: bert.layout.count)
    for entry in bert.layout.entries {
      values.write(try golden.floats("\(name).parameter.\(entry.name)"), at: entry.offset)
    }
  }

  func floats(_ tensor: String) throws -> [Float] { try golden.floats("\(name).\(tensor)") }
  func integers(_ tensor: String) throws -> [Int32] { try golden.integers("\(name).\(tensor)") }
}
