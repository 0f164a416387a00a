import FoundationEssentials
import Inspecting
import Retort
import Storing

/// Finds a model's folder by what a user calls it.
enum ModelPlace {
  /// - Throws: `RetortError` where it is no folder of a model and no artifact of the cache that is one.
  static func find(_ name: String, cache: String) throws -> FilePath {
    var isFolder = false
    if FileManager.default.fileExists(atPath: name, isDirectory: &isFolder), isFolder {
      guard FileManager.default.fileExists(atPath: FilePath(name).appending("config.json").string) else {
        throw RetortError(
          "predict.no-model", "There is no model in this folder: it has no config.json.",
          remedy: "Name a folder that Retort or transformers wrote.", at: Place(file: name))
      }
      return FilePath(name)
    }
    return try artifact(name, cache: cache) { $0.hasPrefix("model.") }
  }

  /// Finds a folder with a tokenizer: any folder, a model or a vocabulary of the cache.
  ///
  /// - Throws: `RetortError` where it is neither.
  static func tokenizer(_ name: String, cache: String) throws -> FilePath {
    var isFolder = false
    if FileManager.default.fileExists(atPath: name, isDirectory: &isFolder), isFolder { return FilePath(name) }
    return try artifact(name, cache: cache) { $0.hasPrefix("model.") || $0 == "vocabulary" }
  }

  private static func artifact(_ name: String, cache: String, of kinds: (String) -> Bool) throws -> FilePath {
    guard !name.contains("/") else {
      throw RetortError(
        "predict.missing", "There is no such folder.", remedy: "Name a model's folder, or a label in the cache.",
        at: Place(file: name))
    }
    let inspector = try Inspector(at: FilePath(cache))
    let finding = try inspector.artifact(name)
    guard let record = finding.record, kinds(record.kind),
      let location = try inspector.cache.location(of: finding.digest)
    else {
      let kind =
        finding.record?.kind ?? "a bundle of \(finding.execution.outputs.keys.sorted().joined(separator: ", "))"
      throw RetortError(
        "predict.no-model", "“\(name)” is no model but \(kind).", remedy: "Name the stage that made the model.")
    }
    return location
  }
}
