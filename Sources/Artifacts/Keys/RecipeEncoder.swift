/// The part of a recipe that all stages of one type share: what stands before the options, and what stands after.
public struct RecipeEnvelope: Sendable {
  let head: [UInt8]
  let tail: [UInt8]

  /// Parameters as in `RecipeTemplate.init`.
  public init(
    stage: String, version: Int, uses: [StageIdentity] = [], outputs: [OutputPort] = [], machine: MachineProfile? = nil
  ) throws {
    var bytes = CanonicalBytes()
    bytes.begin(CanonicalTag.object, count: 7)
    bytes.name("format")
    bytes.integer(RecipeTemplate.format)
    bytes.name("machine")
    if let machine { bytes.append(try Self.bytes(of: machine)) } else { bytes.null() }
    bytes.name("options")
    head = bytes.content
    bytes = CanonicalBytes()
    bytes.name("outputs")
    bytes.begin(CanonicalTag.array, count: outputs.count)
    for port in outputs {
      bytes.begin(CanonicalTag.object, count: 2)
      bytes.name("kind")
      bytes.string(port.kind)
      bytes.name("name")
      bytes.string(port.name)
    }
    bytes.name("stage")
    bytes.string(stage)
    bytes.name("uses")
    bytes.begin(CanonicalTag.array, count: uses.count)
    for stage in uses.sorted() {
      bytes.begin(CanonicalTag.object, count: 2)
      bytes.name("id")
      bytes.string(stage.id)
      bytes.name("version")
      bytes.integer(stage.version)
    }
    bytes.name("version")
    bytes.integer(version)
    tail = bytes.content
  }

  private static func bytes(of value: some Encodable) throws -> [UInt8] {
    let sink = CanonicalSink(defaultSeed: 0)
    try CanonicalWriter.write(value, to: 0, of: sink)
    var serializer = CanonicalSerializer(sink)
    try serializer.write(0)
    return serializer.bytes
  }
}

/// The canonical encoding of values whose types are known, written at once: for a pipeline of few stages, finding out how
/// they encode themselves would take longer than all else.
private struct CanonicalBytes {
  private(set) var content: [UInt8] = []

  mutating func append(_ bytes: [UInt8]) { content.append(contentsOf: bytes) }
  mutating func null() { content.append(CanonicalTag.null) }

  mutating func begin(_ tag: UInt8, count: Int) {
    content.append(tag)
    append(UInt32(count))
  }

  mutating func name(_ name: StaticString) {
    append(UInt32(name.utf8CodeUnitCount))
    name.withUTF8Buffer { content.append(contentsOf: $0) }
  }

  mutating func integer(_ value: Int) {
    content.append(CanonicalTag.integer)
    append(Int64(value))
  }

  mutating func string(_ value: String) {
    begin(CanonicalTag.string, count: value.utf8.count)
    content.append(contentsOf: value.utf8)
  }

  private mutating func append(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { content.append(contentsOf: $0) }
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
