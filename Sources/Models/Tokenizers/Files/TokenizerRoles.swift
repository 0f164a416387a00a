import Artifacts

/// What stands beside `tokenizer.json`: which tokens pad and hide, and the files that say so.
struct TokenizerRoles: Sendable, Equatable {
  var padding: String?
  var mask: String?
  var modelLength: Int?
  /// The other files as they were read, by name.
  var files: [String: [UInt8]] = [:]

  static let configurationName = "tokenizer_config.json"
  static let mapName = "special_tokens_map.json"

  init() {}

  /// Reads `tokenizer_config.json` and `special_tokens_map.json` of a folder, as far as they are there.
  ///
  /// - Throws: `file.unreadable`, `tokenizer.badConfiguration`.
  init(folder: FilePath) throws {
    for name in [Self.mapName, Self.configurationName] {
      let path = folder.appending(name)
      guard fileExists(path) else { continue }
      let document = try readJSON(path, code: "tokenizer.badConfiguration")
      files[name] = try contents(of: path)
      padding = try Self.token("pad_token", in: document, path) ?? padding
      mask = try Self.token("mask_token", in: document, path) ?? mask
      // Hugging Face writes 10³⁰ for "no limit".
      if let length = document["model_max_length"]?.double, length >= 1 { modelLength = Int(min(length, 1e6)) }
    }
  }

  private static func token(_ field: String, in document: JSONValue, _ path: FilePath) throws -> String? {
    switch document[field] {
    case nil, .null: return nil
    case .string(let text): return text
    case .object?:
      if let text = document[field]?["content"]?.text { return text }
      fallthrough
    default:
      throw refusal("tokenizer.badConfiguration", "`\(field)` should be a token.", at: path.string, field: field)
    }
  }
}
