import Foundation

/// An artifact that is one `Codable` value, stored as JSON with sorted keys.
public protocol ValueArtifact: Artifact, Codable {}

extension ValueArtifact {
  public var content: Content {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return .value(Array(try encoder.encode(self)))
    }
  }

  public init(content: Content) throws {
    guard case .value(let bytes) = content else {
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
