/// A place in a recipe that is filled with a content digest once it is known.
public enum RecipeHole: Hashable, Sendable {
  /// An output of another stage.
  case input(Edge)
  /// A file or folder of the user's: an index into `RecipeTemplate.sources`.
  case source(Int)
}

/// Points at an output of a declared stage: its position in the pipeline, and the port of a bundle (empty for the whole).
public struct Edge: Hashable, Sendable, Codable {
  public var node: Int
  public var port: String
  /// Tells the pipelines of one process apart, so that a reference into another one is noticed.
  public var arena: UInt32

  public init(node: Int, port: String = "", arena: UInt32) {
    self.node = node
    self.port = port
    self.arena = arena
  }
}

/// A type that writes itself into a recipe in another way than its `Encodable` conformance does elsewhere.
public protocol CanonicallyEncodable: Encodable {
  /// Writes exactly one value.
  func encodeCanonically(into slot: CanonicalSlot) throws
}

extension CanonicallyEncodable {
  /// Writes the canonical form and returns true where `encoder` makes a recipe. Every `encode(to:)` of a conforming type
  /// begins with it, so that a wrapper's `try wrapped.encode(to: encoder)` keeps the rule.
  public func encodedCanonically(to encoder: any Encoder) throws -> Bool {
    guard let canonical = encoder as? CanonicalEncoder else { return false }
    try encodeCanonically(into: CanonicalSlot(sink: canonical.sink, node: canonical.node))
    return true
  }
}

/// Where one value of a recipe goes.
public struct CanonicalSlot {
  let sink: CanonicalSink
  let node: Int

  /// Writes an input that is read as an artifact of `kind`: the same bytes read as another type are another input.
  public func write(input edge: Edge, kind: String) { sink.setHole(node, .input(edge), kind: kind) }
  public func writeNil() { sink.setTag(node, CanonicalTag.null) }
  public func write(source: SourceDeclaration) { sink.setHole(node, sink.add(source)) }
  public func write(bytes: some Collection<UInt8>) { sink.setText(node, CanonicalTag.bytes, Array(bytes)) }
  public func write(_ value: some Encodable) throws { try CanonicalWriter.write(value, to: node, of: sink) }

  /// The seed that stages without one of their own use.
  public var defaultSeed: UInt64 { sink.defaultSeed }

  func writeSet(_ elements: some Sequence<some Encodable>) throws {
    sink.setTag(node, CanonicalTag.set)
    for element in elements { try CanonicalWriter.write(element, to: sink.addChild(of: node), of: sink) }
  }

  func writeMap(_ pairs: some Sequence<(key: some Encodable, value: some Encodable)>) throws {
    sink.setTag(node, CanonicalTag.map)
    for pair in pairs {
      let entry = sink.addChild(of: node)
      sink.setTag(entry, CanonicalTag.array)
      try CanonicalWriter.write(pair.key, to: sink.addChild(of: entry), of: sink)
      try CanonicalWriter.write(pair.value, to: sink.addChild(of: entry), of: sink)
    }
  }
}

extension Set: CanonicallyEncodable where Element: Encodable {
  public func encodeCanonically(into slot: CanonicalSlot) throws { try slot.writeSet(self) }
}

extension Dictionary: CanonicallyEncodable where Key: Encodable, Value: Encodable {
  public func encodeCanonically(into slot: CanonicalSlot) throws {
    try slot.writeMap(lazy.map { (key: $0.key, value: $0.value) })
  }
}

/// The tree of one value while it is encoded: nodes in one flat array, so that a stage costs few allocations.
final class CanonicalSink {
  struct Node {
    var tag = CanonicalTag.unset
    var payload: UInt64 = 0
    var name = ""
    var firstChild: Int32 = -1
    var lastChild: Int32 = -1
    var next: Int32 = -1
  }

  private(set) var nodes: [Node] = []
  private(set) var blobs: [[UInt8]] = []
  private(set) var holes: [RecipeHole] = []
  /// For each hole the kind of artifact that is read there; empty for sources.
  private(set) var kinds: [String] = []
  /// A node that was written to twice, which hides what was written first.
  private(set) var rewritten: Int?
  private(set) var sources: [SourceDeclaration] = []
  let defaultSeed: UInt64
  /// True where a value that no key can hold is no reason to stop: planning still wants to know what it refers to.
  let seeksEdgesOnly: Bool
  /// How many values enclose the one that is being written.
  var depth = 0

  init(defaultSeed: UInt64, seeksEdgesOnly: Bool = false) {
    self.defaultSeed = defaultSeed
    self.seeksEdgesOnly = seeksEdgesOnly
    nodes.reserveCapacity(32)
    nodes.append(Node())
  }

  func addChild(of parent: Int, name: String = "") -> Int {
    let index = nodes.count
    nodes.append(Node(name: name))
    let last = nodes[parent].lastChild
    if last < 0 { nodes[parent].firstChild = Int32(index) } else { nodes[Int(last)].next = Int32(index) }
    nodes[parent].lastChild = Int32(index)
    return index
  }

  func children(of node: Node) -> [Int] {
    var result: [Int] = []
    var child = node.firstChild
    while child >= 0 {
      result.append(Int(child))
      child = nodes[Int(child)].next
    }
    return result
  }

  /// Begins the value of a node. Only an object may be begun twice: a class writes its own fields into its parent's.
  func setTag(_ node: Int, _ tag: UInt8) {
    let old = nodes[node].tag
    if old != CanonicalTag.unset, !(old == CanonicalTag.object && tag == CanonicalTag.object) { rewritten = node }
    nodes[node].tag = tag
  }

  func set(_ node: Int, _ tag: UInt8, _ payload: UInt64) {
    setTag(node, tag)
    nodes[node].payload = payload
  }

  func setText(_ node: Int, _ tag: UInt8, _ bytes: [UInt8]) {
    set(node, tag, UInt64(blobs.count))
    blobs.append(bytes)
  }

  func setHole(_ node: Int, _ hole: RecipeHole, kind: String = "") {
    let tag = if case .source = hole { CanonicalTag.source } else { CanonicalTag.input }
    set(node, tag, UInt64(holes.count))
    holes.append(hole)
    kinds.append(kind)
  }

  func add(_ source: SourceDeclaration) -> RecipeHole {
    sources.append(source)
    return .source(sources.count - 1)
  }
}
