/// A place in a recipe that is filled with a content digest once it is known.
public enum RecipeHole: Hashable, Sendable {
  /// An output of another stage.
  case input(Edge)
  /// A file or folder of the user's: an index into `RecipeTemplate.sources`.
  case source(Int)
}

/// Points at an output of a declared stage: its position in the pipeline, and the port of a bundle (empty for the whole).
public struct Edge: Hashable, Sendable {
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

/// Where one value of a recipe goes.
public struct CanonicalSlot {
  let sink: CanonicalSink
  let node: Int

  public func write(input edge: Edge) { sink.setHole(node, .input(edge)) }
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
    var tag = CanonicalTag.null
    var payload: UInt64 = 0
    var name = ""
    var firstChild: Int32 = -1
    var lastChild: Int32 = -1
    var next: Int32 = -1
  }

  private(set) var nodes: [Node] = []
  private(set) var blobs: [[UInt8]] = []
  private(set) var holes: [RecipeHole] = []
  private(set) var sources: [SourceDeclaration] = []
  let defaultSeed: UInt64

  init(defaultSeed: UInt64) {
    self.defaultSeed = defaultSeed
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

  func setTag(_ node: Int, _ tag: UInt8) { nodes[node].tag = tag }

  func set(_ node: Int, _ tag: UInt8, _ payload: UInt64) {
    nodes[node].tag = tag
    nodes[node].payload = payload
  }

  func setText(_ node: Int, _ tag: UInt8, _ bytes: [UInt8]) {
    set(node, tag, UInt64(blobs.count))
    blobs.append(bytes)
  }

  func setHole(_ node: Int, _ hole: RecipeHole) {
    if case .source = hole { nodes[node].tag = CanonicalTag.source } else { nodes[node].tag = CanonicalTag.input }
    nodes[node].payload = UInt64(holes.count)
    holes.append(hole)
  }

  func add(_ source: SourceDeclaration) -> RecipeHole {
    sources.append(source)
    return .source(sources.count - 1)
  }
}
