import Artifacts
import Foundation
import Models
import RetortTesting
import Tensors
import Testing

/// A tiny model as transformers saved it, and what PyTorch computes of it.
struct FamilyFolder: CustomStringConvertible, Sendable {
  let name: String
  let path: FilePath

  static let all = folders(in: golden("families"))

  /// Those of a folder that the environment names.
  static let conformance =
    ProcessInfo.processInfo.environment["RETORT_CONFORMANCE"].map { folders(in: URL(fileURLWithPath: $0)) } ?? []

  private static func folders(in folder: URL) -> [FamilyFolder] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.sorted().map { FamilyFolder(name: $0, path: FilePath(folder.appending(path: $0).path)) }
  }

  /// Those stored in F32.
  static let full = all.filter { !$0.name.hasSuffix("-half") && !$0.name.hasSuffix("-brain") }

  static func named(_ name: String) -> FamilyFolder {
    FamilyFolder(name: name, path: FilePath(golden("families/\(name)").path))
  }

  var description: String { name }
  var values: SafetensorsFile { get throws { try SafetensorsFile(at: path.appending("golden.safetensors")) } }
  var weights: SafetensorsFile { get throws { try SafetensorsFile(at: path.appending("model.safetensors")) } }

  /// The golden texts, packed.
  func batch() throws -> PackedBatch {
    let values = try values
    let (ids, types) = (try values.integers("ids").map(Int32.init), try values.integers("types").map(Int32.init))
    var batch = PackedBatch()
    var start = 0
    for length in try values.integers("lengths") {
      try batch.append(Array(ids[start..<start + length]), types: Array(types[start..<start + length]))
      start += length
    }
    return batch
  }
}

extension FamilyFolder {
  /// Hidden states, pooled outputs and logits, on the tape and in inference, against PyTorch's.
  func compare(tolerance: Double) throws {
    let (checkpoint, values, batch) = (try BertCheckpoint(folder: path), try values, try batch())
    let bert = checkpoint.bert
    let graph = try Graph<Float>()
    graph.begin(recording: false)
    let model = ParameterBinding(bert.layout, values: checkpoint.values)
    let states = try bert.encode(batch, with: model, in: graph)
    for (index, state) in states.hidden.enumerated() {
      #expect(relativeDifference(state.values, try values.floats("hidden.\(index)")) < tolerance, "hidden.\(index)")
    }
    let inference = try InferenceModel(checkpoint)
    let last = try inference.hiddenStates(batch).flatMap(\.self)
    #expect(relativeDifference(last, try values.floats("hidden.\(bert.configuration.layerCount)")) < tolerance)
    if values.header["pooled"] != nil {
      let pooled = try bert.pooled(states, of: batch, with: model, in: graph)
      #expect(relativeDifference(pooled.values, try values.floats("pooled")) < tolerance)
    }
    guard values.header["logits"] != nil else { return }
    let logits = try values.floats("logits")
    let rows = Array(Int32(0)..<Int32(batch.tokenCount))
    let (graphed, inferred): (Tensor<Float>, [[Float]]) =
      switch bert.head {
      case .maskedLM:
        (try bert.wordLogits(states, at: rows, with: model, in: graph), try inference.wordLogits(batch, at: rows))
      case .tagger:
        (try bert.logits(states, of: batch, with: model, in: graph), try inference.tokenLogits(batch))
      case .encoder, .classifier, .regression:
        (try bert.logits(states, of: batch, with: model, in: graph), try inference.logits(batch))
      }
    #expect(relativeDifference(graphed.values, logits) < tolerance)
    #expect(relativeDifference(inferred.flatMap(\.self), logits) < tolerance)
  }
}
