/// Turns the finished tree of a `CanonicalSink` into bytes, with fields, sets and dictionaries in their fixed order.
struct CanonicalSerializer {
  let sink: CanonicalSink
  private(set) var bytes: [UInt8] = []
  /// Where each hole's 32 bytes begin, in order.
  private(set) var holes: [RecipeTemplate.PlacedHole] = []
  /// The fields of the objects that are being written.
  private var open: [Int32] = []

  init(_ sink: CanonicalSink) { self.sink = sink }

  /// Begins anew in the same memory.
  mutating func reset() {
    bytes.removeAll(keepingCapacity: true)
    holes.removeAll(keepingCapacity: true)
    open.removeAll(keepingCapacity: true)
  }

  mutating func append(_ more: [UInt8]) { bytes.append(contentsOf: more) }

  /// Exactly what was written: the memory itself is kept for the next value.
  var copy: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: bytes.count) { buffer, count in
      count = bytes.withUnsafeBufferPointer { buffer.update(fromContentsOf: $0) }
    }
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
      append(UInt32(node.count))
      var child = node.firstChild
      while child >= 0 {
        try write(Int(child))
        child = sink.nodes[Int(child)].next
      }
    case CanonicalTag.object: try writeObject(node)
    case CanonicalTag.set: try writeSorted(node)
    case CanonicalTag.map: try writeSorted(node)
    case CanonicalTag.input:
      append(counted: sink.kinds[Int(node.payload)].utf8)
      appendHole(node)
    case CanonicalTag.source: appendHole(node)
    default:
      throw RetortError(
        "key.nothing-written",
        "The field “\(sink.name(of: node))” encodes nothing, so no key can tell its values apart.",
        remedy: "Let its encode(to:) write exactly one value.", at: Place(field: sink.name(of: node)), blame: .stage)
    }
  }

  private mutating func appendHole(_ node: CanonicalSink.Node) {
    holes.append(.init(offset: bytes.count, hole: sink.holes[Int(node.payload)]))
    bytes.append(contentsOf: repeatElement(0, count: Digest.byteCount))
  }

  private mutating func writeObject(_ node: CanonicalSink.Node) throws {
    append(UInt32(node.count))
    if let names = sink.regularNames(of: node) { return try writeRegular(node, names) }
    var previous: Int?
    for field in sink.fields(of: node) {
      let name = sink.name(of: field)
      if let previous, sink.name(of: previous).utf8.elementsEqual(name.utf8) {
        throw RetortError(
          "key.duplicate-field", "The field “\(name)” is encoded twice.",
          remedy: "Give each property a coding key of its own.", at: Place(field: name), blame: .stage)
      }
      previous = field
      append(counted: name.utf8)
      try write(field)
    }
  }

  /// An object whose fields are those that are expected: their order is known.
  private mutating func writeRegular(_ node: CanonicalSink.Node, _ names: FieldNames) throws {
    let first = open.count
    var child = node.firstChild
    while child >= 0 {
      open.append(child)
      child = sink.nodes[Int(child)].next
    }
    for number in names.order(of: Int(node.count)) {
      names.write(Int(number), to: &bytes)
      try write(Int(open[first + Int(number)]))
    }
    open.removeLast(open.count - first)
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
          remedy: "Use an array.", at: Place(field: sink.name(of: node)), blame: .stage)
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

  private mutating func append(counted content: some Collection<UInt8>) {
    append(UInt32(content.count))
    bytes.append(contentsOf: content)
  }

  private mutating func append(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }
}
