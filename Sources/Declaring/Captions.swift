/// What inputs are called in the pipeline: for the messages of a stage that has many. It is no part of any key.
public struct Captions: Hashable, Sendable, CanonicallyEncodable, Decodable {
  private let texts: [String]

  /// The labels of what is referred to, in the pipeline that is being declared.
  public init<Output>(of refs: [Ref<Output>]) {
    let arena = PipelineArena.current
    texts = refs.map { ref in
      guard let arena, ref.edge.arena == arena.id, let label = arena.stage(at: ref.edge.node)?.label else { return "" }
      return ref.edge.port.isEmpty ? label : "\(label).\(ref.edge.port)"
    }
  }

  /// The name of an input; its number, from 1, where it has no label.
  public subscript(index: Int) -> String {
    texts.indices.contains(index) && !texts[index].isEmpty ? texts[index] : "number \(index + 1)"
  }

  public func encodeCanonically(into slot: CanonicalSlot) { slot.writeNil() }

  public init(from decoder: any Decoder) throws { texts = try [String](from: decoder) }

  public func encode(to encoder: any Encoder) throws {
    if try encodedCanonically(to: encoder) { return }
    try texts.encode(to: encoder)
  }
}
