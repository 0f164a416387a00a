import Declaring

/// A reference to an artifact of any kind, as part of an argument.
public struct CommandInput: Hashable, Sendable, CanonicallyEncodable, Decodable {
  let edge: Edge
  /// What it is read as.
  let kind: String

  init<Value: Artifact>(_ ref: Ref<Value>) { (edge, kind) = (ref.edge, Value.signature) }

  public func encodeCanonically(into slot: CanonicalSlot) { slot.write(input: edge, kind: kind) }

  private enum Names: CodingKey { case edge, kind }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Names.self)
    edge = try fields.decode(Edge.self, forKey: .edge)
    kind = try fields.decode(String.self, forKey: .kind)
  }

  public func encode(to encoder: any Encoder) throws {
    if try encodedCanonically(to: encoder) { return }
    var fields = encoder.container(keyedBy: Names.self)
    try fields.encode(edge, forKey: .edge)
    try fields.encode(kind, forKey: .kind)
  }

  /// The artifact as it is stored.
  func load(_ context: StageContext) throws -> Content { try context.load(Ref<PlainArtifact>(edge: edge)).content }
}

/// An artifact of which only the bytes matter.
private struct PlainArtifact: Artifact {
  static let kind = "any"
  let content: Content

  init(_ stored: StoredPart) { content = stored.content }
}
