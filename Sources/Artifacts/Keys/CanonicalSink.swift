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
  public func write(bytes: some Collection<UInt8>) { sink.setText(node, CanonicalTag.bytes, bytes) }
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

extension Optional: CanonicallyEncodable where Wrapped: Encodable {
  public func encodeCanonically(into slot: CanonicalSlot) throws {
    if let value = self { try slot.write(value) } else { slot.writeNil() }
  }
}

extension Dictionary: CanonicallyEncodable where Key: Encodable, Value: Encodable {
  public func encodeCanonically(into slot: CanonicalSlot) throws {
    try slot.writeMap(lazy.map { (key: $0.key, value: $0.value) })
  }
}

/// The tree of one value while it is encoded: nodes and texts in flat arrays, so that a stage costs few allocations.
///
/// It is used by one encoding at a time and never escapes it, so its properties go without dynamic exclusivity checks,
/// which took a tenth of the time to plan.
final class CanonicalSink {
  struct Node {
    var tag = CanonicalTag.unset
    /// Of an object: whether its fields are the first ones of `fieldsNames`, in their order.
    var isRegular = true
    /// A number's bits, a hole's index, or where a text begins (upper half) and how long it is (lower half).
    var payload: UInt64 = 0
    /// Of a field: which names its own is among, and which of them it is.
    var names: Int32 = -1
    var field: Int32 = -1
    /// Of an object: the names that its first field's is among.
    var fieldsNames: Int32 = -1
    /// The number of children.
    var count: Int32 = 0
    var firstChild: Int32 = -1
    var lastChild: Int32 = -1
    var next: Int32 = -1
  }

  @exclusivity(unchecked) private(set) var nodes: [Node] = []
  /// Kept from value to value, like what follows.
  @exclusivity(unchecked) private var fieldNames: [FieldNames] = []
  @exclusivity(unchecked) private var namesOfType: [ObjectIdentifier: Int32] = [:]
  @exclusivity(unchecked) private var rules: [ObjectIdentifier: Rule] = [:]
  @exclusivity(unchecked) private var text: [UInt8] = []
  @exclusivity(unchecked) private(set) var holes: [RecipeHole] = []
  /// For each hole the kind of artifact that is read there; empty for sources.
  @exclusivity(unchecked) private(set) var kinds: [String] = []
  /// A node that was written to twice, which hides what was written first.
  @exclusivity(unchecked) private(set) var rewritten: Int?
  @exclusivity(unchecked) private(set) var sources: [SourceDeclaration] = []
  /// How many values enclose the one that is being written.
  @exclusivity(unchecked) var depth = 0
  let defaultSeed: UInt64
  /// True where a value that no key can hold is no reason to stop: planning still wants to know what it refers to.
  let seeksEdgesOnly: Bool

  init(defaultSeed: UInt64, seeksEdgesOnly: Bool = false) {
    self.defaultSeed = defaultSeed
    self.seeksEdgesOnly = seeksEdgesOnly
    nodes.reserveCapacity(32)
    nodes.append(Node())
  }

  /// Makes it ready for another value, in the memory of the last one.
  func reset() {
    nodes.removeAll(keepingCapacity: true)
    text.removeAll(keepingCapacity: true)
    holes.removeAll(keepingCapacity: true)
    kinds.removeAll(keepingCapacity: true)
    sources = []
    (rewritten, depth) = (nil, 0)
    nodes.append(Node())
  }

  @discardableResult func addChild(of parent: Int) -> Int {
    let index = nodes.count
    nodes.append(Node())
    let last = nodes[parent].lastChild
    if last < 0 { nodes[parent].firstChild = Int32(index) } else { nodes[Int(last)].next = Int32(index) }
    nodes[parent].lastChild = Int32(index)
    nodes[parent].count += 1
    return index
  }

  func addField(of parent: Int, _ name: String, among names: FieldNames, _ number: Int32) -> Int {
    let position = nodes[parent].count
    let field = Int32(names.number(of: name, guess: Int(position)))
    if position == 0 { nodes[parent].fieldsNames = number }
    if field != position || nodes[parent].fieldsNames != number { nodes[parent].isRegular = false }
    let index = addChild(of: parent)
    nodes[index].names = number
    nodes[index].field = field
    return index
  }

  /// The names of a type of coding key, and the number under which they are kept.
  func names<Name: CodingKey>(of type: Name.Type) -> (FieldNames, Int32) {
    let id = ObjectIdentifier(type)
    if let known = namesOfType[id] { return (fieldNames[Int(known)], known) }
    let (made, number) = (FieldNames(), Int32(fieldNames.count))
    fieldNames.append(made)
    namesOfType[id] = number
    return (made, number)
  }

  /// The name of a field; empty for what is none.
  func name(of node: Node) -> String { node.field < 0 ? "" : fieldNames[Int(node.names)].names[Int(node.field)] }
  func name(of node: Int) -> String { name(of: nodes[node]) }

  /// The names of an object's fields, if its fields are the first ones of them, in their order.
  func regularNames(of node: Node) -> FieldNames? {
    node.isRegular && node.count > 0 ? fieldNames[Int(node.fieldsNames)] : nil
  }

  func children(of node: Node) -> [Int] {
    var result: [Int] = []
    result.reserveCapacity(Int(node.count))
    var child = node.firstChild
    while child >= 0 {
      result.append(Int(child))
      child = nodes[Int(child)].next
    }
    return result
  }

  /// The fields of an object in order of their names' bytes.
  func fields(of node: Node) -> [Int] {
    let fields = children(of: node)
    if let names = regularNames(of: node) { return names.order(of: fields.count).map { fields[Int($0)] } }
    return fields.sorted { name(of: $0).utf8.lexicographicallyPrecedes(name(of: $1).utf8) }
  }

  /// How the values of a type are written.
  enum Rule {
    /// By their `encode(to:)`.
    case encoded
    /// By themselves.
    case special(any CanonicallyEncodable.Type)
    /// As the value at hand says: an object's own class may be a subclass.
    case open
  }

  /// Asks the runtime for one conformance of each type: of a pipeline with a few stages, that takes a tenth of the time.
  func rule<Value: Encodable>(of type: Value.Type) -> Rule {
    let id = ObjectIdentifier(type)
    if let known = rules[id] { return known }
    let rule: Rule
    if type is AnyClass {
      rule = .open
    } else if let special = type as? any CanonicallyEncodable.Type {
      rule = .special(special)
    } else {
      rule = .encoded
    }
    rules[id] = rule
    return rule
  }

  /// The content of a string or of bytes.
  func text(of node: Node) -> ArraySlice<UInt8> {
    let start = Int(node.payload >> 32)
    return text[start..<start + Int(truncatingIfNeeded: node.payload & 0xFFFF_FFFF)]
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

  func setText(_ node: Int, _ tag: UInt8, _ bytes: some Collection<UInt8>) {
    let start = text.count
    text.append(contentsOf: bytes)
    set(node, tag, UInt64(start) << 32 | UInt64(text.count - start))
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
