import FoundationEssentials

/// Writes any `Encodable` value into a sink: primitive values at once, special types by their own rule, the rest through
/// `CanonicalEncoder`.
enum CanonicalWriter {
  /// How deep values may be nested: more than any options that people write, and far from the end of a thread's stack.
  static let depthLimit = 100

  static func write<Value: Encodable>(_ value: Value, to node: Int, of sink: CanonicalSink) throws {
    sink.depth += 1
    defer { sink.depth -= 1 }
    guard sink.depth <= depthLimit else {
      throw RetortError(
        "key.too-deep", "The option “\(sink.name(of: node))” is nested more than \(depthLimit) values deep.",
        remedy: "Flatten it.", at: Place(field: sink.name(of: node)), blame: .stage)
    }
    // What arrays and optionals hold comes this way, too: the common ones need not go through an encoder.
    if Value.self == Int.self { return integer(unsafeBitCast(value, to: Int.self), to: node, of: sink) }
    if Value.self == Double.self { return try double(unsafeBitCast(value, to: Double.self), to: node, of: sink) }
    if Value.self == String.self { return string(unsafeBitCast(value, to: String.self), to: node, of: sink) }
    if Value.self == FilePath.self || Value.self == URL.self {
      if sink.seeksEdgesOnly { return }
      throw RetortError(
        "key.path", "The option “\(sink.name(of: node))” is a path: a key counts contents, never paths.",
        remedy: "Use SourceFile or SourceFolder for what is read, Destination for what is written.",
        at: Place(field: sink.name(of: node)), blame: .stage)
    }
    let slot = CanonicalSlot(sink: sink, node: node)
    switch sink.rule(of: Value.self) {
    case .encoded: try value.encode(to: CanonicalEncoder(sink: sink, node: node))
    case .special(let type): try write(value, as: type, into: slot)
    case .open:
      if let special = value as? any CanonicallyEncodable {
        try special.encodeCanonically(into: slot)
      } else {
        try value.encode(to: CanonicalEncoder(sink: sink, node: node))
      }
    }
  }

  /// - Parameter type: the value's own type, which is known to conform: asking for that each time is dear.
  private static func write<Value: Encodable, Special: CanonicallyEncodable>(
    _ value: Value, as type: Special.Type, into slot: CanonicalSlot
  ) throws {
    guard Value.self == Special.self else {
      return try value.encode(to: CanonicalEncoder(sink: slot.sink, node: slot.node))
    }
    try unsafeBitCast(value, to: Special.self).encodeCanonically(into: slot)
  }

  static func integer(_ value: some FixedWidthInteger, to node: Int, of sink: CanonicalSink) {
    if let small = Int64(exactly: value) {
      sink.set(node, CanonicalTag.integer, UInt64(bitPattern: small))
    } else {
      sink.set(node, CanonicalTag.unsigned, UInt64(truncatingIfNeeded: value))
    }
  }

  static func double(_ value: Double, to node: Int, of sink: CanonicalSink) throws {
    guard !value.isNaN || sink.seeksEdgesOnly else { throw notANumber(sink.name(of: node)) }
    sink.set(node, CanonicalTag.double, value == 0 ? 0 : value.bitPattern)
  }

  static func float(_ value: Float, to node: Int, of sink: CanonicalSink) throws {
    guard !value.isNaN || sink.seeksEdgesOnly else { throw notANumber(sink.name(of: node)) }
    sink.set(node, CanonicalTag.float, value == 0 ? 0 : UInt64(value.bitPattern))
  }

  static func string(_ value: String, to node: Int, of sink: CanonicalSink) {
    sink.setText(node, CanonicalTag.string, value.utf8)
  }

  static func bool(_ value: Bool, to node: Int, of sink: CanonicalSink) {
    sink.setTag(node, value ? CanonicalTag.yes : CanonicalTag.no)
  }

  private static func notANumber(_ field: String) -> RetortError {
    RetortError(
      "key.not-a-number", "The option “\(field)” is not a number (NaN), so it cannot be part of a key.",
      remedy: "Give it a number.", at: Place(field: field))
  }
}

/// The `Encoder` that fills a sink.
struct CanonicalEncoder: Encoder {
  let sink: CanonicalSink
  let node: Int

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Name: CodingKey>(keyedBy type: Name.Type) -> KeyedEncodingContainer<Name> {
    sink.setTag(node, CanonicalTag.object)
    return KeyedEncodingContainer(CanonicalFields<Name>(sink: sink, node: node))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    sink.setTag(node, CanonicalTag.array)
    return CanonicalElements(sink: sink, node: node)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    CanonicalSingle(sink: sink, node: node)
  }
}
