import Artifacts

/// The tensors of a model's folder: those of `model.safetensors`, or of the shards that `model.safetensors.index.json`
/// lists.
public final class WeightFiles: Sendable {
  /// What the weights are called in errors.
  public let name: String
  /// The tensors' names: file by file, in the order of their bytes.
  public let names: [String]
  private let files: [SafetensorsFile]
  private let places: [String: Int]

  static let single = "model.safetensors"
  static let index = "model.safetensors.index.json"

  /// Opens a folder's files and checks their headers.
  ///
  /// - Throws: `file.missing`, `model.pickle` where there are only weights that hold programs, `model.badIndex`, the codes
  ///   of `SafetensorsFile`.
  public init(folder: FilePath) throws {
    let (single, index) = (folder.appending(Self.single), folder.appending(Self.index))
    let isSharded = !fileExists(single) && fileExists(index)
    if !isSharded, !fileExists(single) { try Self.refuseOtherForms(folder) }
    let map = isSharded ? try Self.weightMap(index) : [:]
    let shards = isSharded ? Set(map.values).sorted() : [Self.single]
    name = (isSharded ? index : single).string
    files = try shards.map { try SafetensorsFile(at: folder.appending($0)) }
    var places: [String: Int] = [:]
    for (number, file) in files.enumerated() {
      for name in file.names {
        if isSharded, let shard = map[name], shard != shards[number] { continue }
        guard places.updateValue(number, forKey: name) == nil else {
          throw refusal("model.badIndex", "Tensor “\(name)” lies in two shards.", at: self.name, field: name)
        }
      }
    }
    if let lost = map.keys.filter({ places[$0] == nil }).min() {
      throw refusal(
        "model.badIndex", "Tensor “\(lost)” should be in \(map[lost] ?? ""), and is not.", at: name, field: lost,
        remedy: "Fetch all shards of one revision.")
    }
    names = files.flatMap(\.names)
    self.places = places
  }

  /// What is known of a tensor; nil where there is none of that name.
  public subscript(name: String) -> SafetensorsHeader.Entry? { file(of: name)?.header[name] }

  /// Fills memory of exactly the tensor's count, as `SafetensorsFile.readFloats` does.
  public func readFloats(_ name: String, into target: UnsafeMutableBufferPointer<Float>) throws {
    guard let file = file(of: name) else {
      throw refusal("safetensors.missing", "It has no tensor \"\(name)\".", at: self.name)
    }
    try file.readFloats(name, into: target)
  }

  private func file(of name: String) -> SafetensorsFile? { places[name].map { files[$0] } }

  private static func weightMap(_ path: FilePath) throws -> [String: String] {
    let document = try readJSON(path, code: "model.badIndex")
    guard case .object(let members)? = document["weight_map"], !members.isEmpty else {
      throw refusal("model.badIndex", "It has no list of shards.", at: path.string, field: "weight_map")
    }
    var map: [String: String] = [:]
    for member in members {
      // A name from the outside must not lead out of the folder.
      guard let shard = member.value.text, shard.hasSuffix(".safetensors"), !shard.contains("/"), !shard.hasPrefix(".")
      else {
        throw refusal(
          "model.badIndex", "It should be the name of a .safetensors file beside it.", at: path.string,
          field: "weight_map.\(member.name)")
      }
      map[member.name] = shard
    }
    return map
  }

  /// Weights are there, but in a form of other programs.
  private static func refuseOtherForms(_ folder: FilePath) throws {
    let target = "\(folder.string)-safetensors"
    for name in ["pytorch_model.bin", "pytorch_model.bin.index.json", "tf_model.h5", "flax_model.msgpack"] {
      guard fileExists(folder.appending(name)) else { continue }
      if PickledWeights.isOne(name) { throw PickledWeights.refusal(name, of: folder.string, folder: target) }
      throw refusal(
        "model.pickle", "Its weights are no safetensors: Retort does not read \(name).", at: folder.string,
        remedy: PickledWeights.conversion(of: folder.string, folder: target))
    }
  }
}
