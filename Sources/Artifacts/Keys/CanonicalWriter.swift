import Foundation

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
        "key.too-deep", "The option “\(sink.nodes[node].name)” is nested more than \(depthLimit) values deep.",
        remedy: "Flatten it.", at: Place(field: sink.nodes[node].name), blame: .stage)
    }
    if Value.self == FilePath.self || Value.self == URL.self {
      if sink.seeksEdgesOnly { return }
      throw RetortError(
        "key.path", "The option “\(sink.nodes[node].name)” is a path: a key counts contents, never paths.",
        remedy: "Use SourceFile or SourceFolder for what is read, Destination for what is written.",
        at: Place(field: sink.nodes[node].name), blame: .stage)
    }
    if let special = value as? any CanonicallyEncodable {
      try special.encodeCanonically(into: CanonicalSlot(sink: sink, node: node))
    } else {
      try value.encode(to: CanonicalEncoder(sink: sink, node: node))
    }
  }

  static func integer(_ value: some FixedWidthInteger, to node: Int, of sink: CanonicalSink) {
    if let small = Int64(exactly: value) {
      sink.set(node, CanonicalTag.integer, UInt64(bitPattern: small))
    } else {
      sink.set(node, CanonicalTag.unsigned, UInt64(truncatingIfNeeded: value))
    }
  }

  static func double(_ value: Double, to node: Int, of sink: CanonicalSink) throws {
    guard !value.isNaN || sink.seeksEdgesOnly else { throw notANumber(sink.nodes[node].name) }
    sink.set(node, CanonicalTag.double, value == 0 ? 0 : value.bitPattern)
  }

  static func float(_ value: Float, to node: Int, of sink: CanonicalSink) throws {
    guard !value.isNaN || sink.seeksEdgesOnly else { throw notANumber(sink.nodes[node].name) }
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
