import Artifacts
import Foundation
import Models
import Tensors

/// A tiny model as transformers saved it, and what PyTorch computes of it.
struct FamilyFolder: CustomStringConvertible, Sendable {
  let name: String
  let path: FilePath

  static let all: [FamilyFolder] = {
    let folder = golden("families")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.sorted().map { FamilyFolder(name: $0, path: FilePath(folder.appending(path: $0).path)) }
  }()

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
