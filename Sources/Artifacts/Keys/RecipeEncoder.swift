/// The part of a recipe that all stages of one type share: what stands before the options, and what stands after.
public struct RecipeEnvelope: Sendable {
  let head: [UInt8]
  let tail: [UInt8]

  /// Parameters as in `RecipeTemplate.init`.
  public init(
    stage: String, version: Int, uses: [StageIdentity] = [], outputs: [OutputPort] = [], machine: MachineProfile? = nil
  ) throws {
    let parts = [
      ("format", try Self.bytes(of: RecipeTemplate.format)),
      ("machine", try Self.bytes(of: machine)),
      ("options", []),
      ("outputs", try Self.bytes(of: outputs)),
      ("stage", try Self.bytes(of: stage)),
      ("uses", try Self.bytes(of: uses.sorted())),
      ("version", try Self.bytes(of: version)),
    ]
    var (head, tail) = ([CanonicalTag.object], [UInt8]())
    withUnsafeBytes(of: UInt32(parts.count).littleEndian) { head.append(contentsOf: $0) }
    var isBefore = true
    for (name, value) in parts {
      var field: [UInt8] = []
      withUnsafeBytes(of: UInt32(name.utf8.count).littleEndian) { field.append(contentsOf: $0) }
      field += Array(name.utf8) + value
      if isBefore { head += field } else { tail += field }
      if name == "options" { isBefore = false }
    }
    (self.head, self.tail) = (head, tail)
  }

  private static func bytes(of value: some Encodable) throws -> [UInt8] {
    let sink = CanonicalSink(defaultSeed: 0)
    try CanonicalWriter.write(value, to: 0, of: sink)
    var serializer = CanonicalSerializer(sink)
    try serializer.write(0)
    return serializer.bytes
  }
}

/// Encodes the options of many stages, one after the other, in the same memory.
public final class RecipeEncoder {
  private let sink: CanonicalSink
  private var serializer: CanonicalSerializer

  /// - Parameter defaultSeed: the seed of stages that have none of their own.
  public init(defaultSeed: UInt64) {
    sink = CanonicalSink(defaultSeed: defaultSeed)
    serializer = CanonicalSerializer(sink)
  }

  /// - Throws: `RetortError` where a value has no canonical form, or what the options' own `encode(to:)` throws.
  public func template(of options: some Encodable, in envelope: RecipeEnvelope) throws -> RecipeTemplate {
    sink.reset()
    try CanonicalWriter.write(options, to: 0, of: sink)
    serializer.reset()
    serializer.append(envelope.head)
    try serializer.write(0)
    if let node = sink.rewritten {
      let field = sink.name(of: node)
      throw RetortError(
        "key.written-twice", "The field “\(field)” encodes two values, of which a key would see one.",
        remedy: "Let its encode(to:) write exactly one value.", at: Place(field: field), blame: .stage)
    }
    serializer.append(envelope.tail)
    return RecipeTemplate(bytes: serializer.copy, holes: serializer.holes, sources: sink.sources)
  }
}
