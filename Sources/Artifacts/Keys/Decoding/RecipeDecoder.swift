/// Makes a stage from its recipe again.
///
/// A recipe holds every option, but knows inputs and files by their digests alone: whoever decodes says what stands for them.
/// Captions, which no key holds, come out empty. That nothing else was lost shows when the result is encoded
/// again: its key must be the recipe's.
public struct RecipeDecoder {
  /// What stands for digests.
  public struct Substitutes {
    var edge: (Digest) throws -> Edge
    var source: (Digest) throws -> SourceDeclaration
    /// For a text that no key holds.
    var unkeyed: String

    /// - Parameters:
    ///   - edge: the reference to what gives an input.
    ///   - source: a file or folder of the user's with that content.
    ///   - unkeyed: for a text that no key holds, such as the folder that a result is delivered to.
    public init(
      edge: @escaping (Digest) throws -> Edge, source: @escaping (Digest) throws -> SourceDeclaration,
      unkeyed: String = ""
    ) {
      (self.edge, self.source, self.unkeyed) = (edge, source, unkeyed)
    }
  }

  public let stage: StageIdentity
  /// The digests of inputs and of the user's files, in order, each once.
  public let inputs: [Digest]
  public let sources: [Digest]
  private let options: RecipeNode

  /// - Throws: `RetortError` (`recipe.unreadable`) where the bytes are no recipe of a stage.
  public init(_ recipe: Recipe) throws {
    let root = try RecipeNode(bytes: recipe.bytes)
    guard case .string(let id)? = root["stage"], case .integer(let version)? = root["version"],
      let options = root["options"]
    else {
      throw RetortError("recipe.unreadable", "A stored recipe names no stage.", blame: .environment)
    }
    stage = StageIdentity(id: id, version: Int(version))
    self.options = options
    var found = (inputs: [Digest](), sources: [Digest]())
    options.forEachDigest { digest, isInput in
      if isInput {
        if !found.inputs.contains(digest) { found.inputs.append(digest) }
      } else if !found.sources.contains(digest) {
        found.sources.append(digest)
      }
    }
    (inputs, sources) = found
  }

  /// The options as a value.
  ///
  /// - Throws: what `substitutes` throws; `RetortError` (`recipe.undecodable`) where the type has no such options.
  public func decode<Value: Decodable>(_ type: Value.Type, with substitutes: Substitutes) throws -> Value {
    do {
      return try Value(from: RecipeNodeDecoder(node: options, substitutes: substitutes))
    } catch let error as DecodingError {
      throw RetortError(
        "recipe.undecodable", "The recorded options of “\(stage)” are not those of \(type): \(Self.text(error)).",
        blame: .stage, cause: error)
    }
  }

  private static func text(_ error: DecodingError) -> String {
    switch error {
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      let path = context.codingPath.map(\.stringValue).joined(separator: ".")
      return "\(path.isEmpty ? "" : "\(path): ")\(context.debugDescription)"
    case .keyNotFound(let key, _): return "“\(key.stringValue)” is not there"
    @unknown default: return "\(error)"
    }
  }
}

extension RecipeNode {
  fileprivate func forEachDigest(_ use: (Digest, Bool) -> Void) {
    switch self {
    case .input(_, let digest): use(digest, true)
    case .source(let digest): use(digest, false)
    case .array(let elements), .set(let elements): for element in elements { element.forEachDigest(use) }
    case .object(let fields): for field in fields { field.value.forEachDigest(use) }
    case .map(let pairs):
      for pair in pairs {
        pair.key.forEachDigest(use)
        pair.value.forEachDigest(use)
      }
    default: break
    }
  }
}
