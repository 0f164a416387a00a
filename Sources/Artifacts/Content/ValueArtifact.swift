import FoundationEssentials

/// An artifact that is one `Codable` value, stored as JSON whose fields, sets and dictionaries have a fixed order.
public protocol ValueArtifact: Artifact, Codable {}

extension ValueArtifact {
  public var content: Content {
    get throws {
      .value(try CanonicalJSON.encode(self))
    }
  }

  public init(_ stored: StoredPart) throws {
    guard case .value(let bytes) = stored.content else {
      throw RetortError(
        "artifact.form", "A folder was stored where a value of kind “\(Self.kind)” is expected.", blame: .internal)
    }
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(bytes))
    } catch {
      throw RetortError(
        "artifact.unreadable", "The stored value of kind “\(Self.kind)” cannot be read: \(error).",
        remedy: "Run with --force to compute it again.", blame: .internal, cause: error)
    }
  }
}
