/// Turns the finished tree of a `CanonicalSink` into bytes, with fields, sets and dictionaries in their fixed order.
struct CanonicalSerializer {
  let sink: CanonicalSink
  var bytes: [UInt8] = []
  /// Where each hole's 32 bytes begin.
  var holes: [RecipeTemplate.PlacedHole] = []

  init(_ sink: CanonicalSink, after head: [UInt8] = []) {
    self.sink = sink
    bytes.reserveCapacity(head.count + 512)
    bytes.append(contentsOf: head)
  }

  mutating func write(_ index: Int) throws {
    let node = sink.nodes[index]
    bytes.append(node.tag)
    switch node.tag {
    case CanonicalTag.null, CanonicalTag.yes, CanonicalTag.no: break
    case CanonicalTag.integer, CanonicalTag.unsigned, CanonicalTag.double: append(node.payload)
    case CanonicalTag.float: append(UInt32(truncatingIfNeeded: node.payload))
    case CanonicalTag.string, CanonicalTag.bytes: append(counted: sink.text(of: node))
    case CanonicalTag.array:
      appendCount(sink.children(of: node))
      for child in sink.children(of: node) { try write(child) }
    case CanonicalTag.object: try writeObject(node)
    case CanonicalTag.set: try writeSorted(node)
    case CanonicalTag.map: try writeSorted(node)
    case CanonicalTag.input:
      append(counted: sink.kinds[Int(node.payload)].utf8)
      appendHole(node)
    case CanonicalTag.source: appendHole(node)
    default:
      throw RetortError(
        "key.nothing-written", "The field “\(node.name)” encodes nothing, so no key can tell its values apart.",
        remedy: "Let its encode(to:) write exactly one value.", at: Place(field: node.name), blame: .stage)
    }
  }

  private mutating func appendHole(_ node: CanonicalSink.Node) {
    holes.append(.init(offset: bytes.count, hole: sink.holes[Int(node.payload)]))
    bytes.append(contentsOf: repeatElement(0, count: Digest.byteCount))
  }

  private mutating func writeObject(_ node: CanonicalSink.Node) throws {
    let fields = sink.fields(of: node)
    appendCount(fields)
    var previous: Int?
    for field in fields {
      let name = sink.nodes[field].name
      if let previous, sink.nodes[previous].order == sink.nodes[field].order,
        sink.nodes[previous].name.utf8.elementsEqual(name.utf8)
      {
        throw RetortError(
          "key.duplicate-field", "The field “\(name)” is encoded twice.",
          remedy: "Give each property a coding key of its own.", at: Place(field: name), blame: .stage)
      }
      previous = field
      append(UInt32(name.utf8.count))
      bytes.append(contentsOf: name.utf8)
      try write(field)
    }
  }

  /// Sets and dictionaries: each element is written apart, then all are put in order of its (or its key's) bytes.
  private mutating func writeSorted(_ node: CanonicalSink.Node) throws {
    var parts: [(order: [UInt8], part: CanonicalSerializer)] = []
    for child in sink.children(of: node) {
      let halves = node.tag == CanonicalTag.map ? sink.children(of: sink.nodes[child]) : [child]
      var part = CanonicalSerializer(sink)
      try part.write(halves[0])
      guard part.holes.isEmpty else {
        throw RetortError(
          "key.input-in-set",
          "A set or the keys of a dictionary hold references to stages or files, which have no order.",
          remedy: "Use an array.", at: Place(field: node.name), blame: .stage)
      }
      let order = part.bytes
      if halves.count > 1 { try part.write(halves[1]) }
      parts.append((order, part))
    }
    parts.sort { $0.order.lexicographicallyPrecedes($1.order) }
    append(UInt32(parts.count))
    for (_, part) in parts {
      holes.append(contentsOf: part.holes.map { .init(offset: $0.offset + bytes.count, hole: $0.hole) })
      bytes.append(contentsOf: part.bytes)
    }
  }

  private mutating func appendCount(_ children: [Int]) { append(UInt32(children.count)) }

  private mutating func append(counted content: some Collection<UInt8>) {
    append(UInt32(content.count))
    bytes.append(contentsOf: content)
  }

  private mutating func append(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }
}
