/// JSON whose bytes depend on the value alone: fields, sets and dictionaries are in a fixed order.
///
/// `JSONDecoder` reads it back. Foundation's own encoder sorts fields, but writes sets, and dictionaries with keys other
/// than strings, in an order that differs from process to process.
public enum CanonicalJSON {
  /// - Throws: `RetortError` where a value has no JSON form (NaN, infinity), or what the value's own encoding throws.
  public static func encode(_ value: some Encodable) throws -> [UInt8] {
    let sink = CanonicalSink(defaultSeed: 0)
    try CanonicalWriter.write(value, to: 0, of: sink)
    var writer = CanonicalJSONWriter(sink: sink)
    try writer.write(0)
    return writer.bytes
  }
}

private struct CanonicalJSONWriter {
  let sink: CanonicalSink
  var bytes: [UInt8] = []

  init(sink: CanonicalSink) { self.sink = sink }

  mutating func write(_ index: Int) throws {
    let node = sink.nodes[index]
    switch node.tag {
    case CanonicalTag.null: append("null")
    case CanonicalTag.yes: append("true")
    case CanonicalTag.no: append("false")
    case CanonicalTag.integer: append(String(Int64(bitPattern: node.payload)))
    case CanonicalTag.unsigned: append(String(node.payload))
    case CanonicalTag.double: try append(number: Double(bitPattern: node.payload), in: node)
    case CanonicalTag.float: try append(number: Float(bitPattern: UInt32(truncatingIfNeeded: node.payload)), in: node)
    case CanonicalTag.string: append(quoted: sink.text(of: node))
    case CanonicalTag.array: try list(sink.children(of: node), "[", "]") { try $0.write($1) }
    case CanonicalTag.set: try list(try sortedBySerialisation(sink.children(of: node)), "[", "]") { try $0.write($1) }
    case CanonicalTag.object: try object(node)
    case CanonicalTag.map: try map(node)
    default:
      throw RetortError(
        "json.no-form", "The field “\(sink.name(of: node))” has no JSON form.", at: Place(field: sink.name(of: node)),
        blame: .stage)
    }
  }

  private mutating func object(_ node: CanonicalSink.Node) throws {
    let fields = sink.fields(of: node)
    try list(fields.filter { sink.nodes[$0].tag != CanonicalTag.null }, "{", "}") { writer, field in
      writer.append(quoted: writer.sink.name(of: field).utf8)
      writer.append(":")
      try writer.write(field)
    }
  }

  /// String and integer keys make an object, others a list of keys and values in turn, as `Dictionary` decodes them.
  private mutating func map(_ node: CanonicalSink.Node) throws {
    let entries = try sortedByKey(sink.children(of: node))
    let keys = entries.map { sink.nodes[sink.children(of: sink.nodes[$0])[0]].tag }
    let isObject = keys.allSatisfy { $0 == CanonicalTag.string } || keys.allSatisfy { $0 == CanonicalTag.integer }
    try list(entries, isObject ? "{" : "[", isObject ? "}" : "]") { writer, entry in
      let halves = writer.sink.children(of: writer.sink.nodes[entry])
      let quotes = isObject && writer.sink.nodes[halves[0]].tag == CanonicalTag.integer
      if quotes { writer.append("\"") }
      try writer.write(halves[0])
      if quotes { writer.append("\"") }
      writer.append(isObject ? ":" : ",")
      try writer.write(halves[1])
    }
  }

  private func sortedByKey(_ entries: [Int]) throws -> [Int] {
    try sorted(entries) { sink.children(of: sink.nodes[$0])[0] }
  }

  private func sortedBySerialisation(_ nodes: [Int]) throws -> [Int] { try sorted(nodes) { $0 } }

  private func sorted(_ nodes: [Int], by representative: (Int) -> Int) throws -> [Int] {
    var keyed: [(bytes: [UInt8], node: Int)] = []
    for node in nodes {
      var part = CanonicalSerializer(sink)
      try part.write(representative(node))
      keyed.append((part.bytes, node))
    }
    return keyed.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }.map(\.node)
  }

  private mutating func list(
    _ nodes: [Int], _ open: String, _ close: String, each: (inout CanonicalJSONWriter, Int) throws -> Void
  ) throws {
    append(open)
    for (position, node) in nodes.enumerated() {
      if position > 0 { append(",") }
      try each(&self, node)
    }
    append(close)
  }

  private mutating func append(
    number: some BinaryFloatingPoint & LosslessStringConvertible, in node: CanonicalSink.Node
  ) throws {
    guard number.isFinite else {
      throw RetortError(
        "json.not-finite", "The field “\(sink.name(of: node))” is \(number), which JSON cannot hold.",
        at: Place(field: sink.name(of: node)), blame: .stage)
    }
    append(String(number))
  }

  private mutating func append(quoted text: some Collection<UInt8>) {
    append("\"")
    for byte in text {
      switch byte {
      case UInt8(ascii: "\""): append("\\\"")
      case UInt8(ascii: "\\"): append("\\\\")
      case 0x0A: append("\\n")
      case 0x0D: append("\\r")
      case 0x09: append("\\t")
      case 0..<0x20: append("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16))
      default: bytes.append(byte)
      }
    }
    append("\"")
  }

  private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
}
