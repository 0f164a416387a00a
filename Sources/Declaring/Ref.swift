/// A typed reference to what a declared stage will return.
///
/// It is an index into the pipeline's arena and owns nothing. Encoding it marks an edge.
@dynamicMemberLookup
public struct Ref<Output: StageOutput>: Hashable, Sendable, CanonicallyEncodable, Decodable {
  public let edge: Edge

  package init(edge: Edge) { self.edge = edge }

  public func encodeCanonically(into slot: CanonicalSlot) { slot.write(input: edge, kind: Output.signature) }

  public init(from decoder: any Decoder) throws { edge = try Edge(from: decoder) }

  public func encode(to encoder: any Encoder) throws {
    if try encodedCanonically(to: encoder) { return }
    try edge.encode(to: encoder)
  }

  /// Reads the same artifact as another type; for conversions that the types prove harmless.
  func retyped<Other: StageOutput>(as type: Other.Type) -> Ref<Other> { Ref<Other>(edge: edge) }
}

extension Ref where Output: ArtifactBundle {
  /// A part of a bundle. A property that is no port of it is a fault of the plan.
  public subscript<Part: Artifact>(dynamicMember path: KeyPath<Output, Part>) -> Ref<Part> {
    let port = Output.table.first { $0.matches(path) }?.name
    return Ref<Part>(edge: Edge(node: edge.node, port: port ?? Self.unknownPort, arena: edge.arena))
  }
}

extension Ref {
  /// The port of a projection that the bundle's table does not list.
  public static var unknownPort: String { "\u{0}unlisted" }
}

extension Ref where Output: ModelArtifact {
  /// Any model as a bare encoder: its head, if it has one, is left out.
  public var encoder: Ref<Model<EncoderOnly>> { retyped(as: Model<EncoderOnly>.self) }
}

/// The models of all kinds.
public protocol ModelArtifact: FolderArtifact {}
extension Model: ModelArtifact {}

extension Ref where Output: TaskDataArtifact {
  /// Examples of any kind, for stages that serve all of them.
  public var examples: Ref<TaskData<AnyTask>> { retyped(as: TaskData<AnyTask>.self) }
}

/// The examples of all kinds of tasks.
public protocol TaskDataArtifact: FolderArtifact {}
extension TaskData: TaskDataArtifact {}
