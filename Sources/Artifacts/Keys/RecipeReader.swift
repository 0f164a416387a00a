/// Reads the canonical encoding back, whatever the bytes are: it throws, but never traps, and nests only so deep.
struct RecipeReader {
  /// What the writer allows, below a recipe's own object.
  static let depthLimit = CanonicalWriter.depthLimit + 2
  /// Longer names and keys are cut, and the digest tells them apart.
  private static let nameLimit = 200
  /// All paths together, in bytes: hostile bytes must not fill the memory.
  private static let pathLimit = 1 << 26

  private var cursor: CanonicalCursor
  private(set) var leaves: [RecipeTree.Leaf] = []
  /// Whether leaves that refer to nothing are passed over.
  private var seeksReferences: Bool
  private var depth = 0
  private var pathBytes = 0

  /// - Parameter seeksReferences: leaves out some of the leaves that are neither inputs nor sources, which is quicker.
  init(bytes: [UInt8], seeksReferences: Bool = false) {
    cursor = CanonicalCursor(bytes)
    self.seeksReferences = seeksReferences
  }

  mutating func readAll() throws {
    try read(at: "")
    try cursor.finish()
  }

  private mutating func read(at path: String) throws {
    let tag = try cursor.byte()
    let start = cursor.position
    let value: RecipeValue
    switch tag {
    case CanonicalTag.null: value = .null
    case CanonicalTag.yes: value = .bool(true)
    case CanonicalTag.no: value = .bool(false)
    case CanonicalTag.integer: value = .integer(Int64(bitPattern: try cursor.number()))
    case CanonicalTag.unsigned: value = .unsigned(try cursor.number())
    case CanonicalTag.double: value = .double(Double(bitPattern: try cursor.number()))
    case CanonicalTag.float: value = .float(Float(bitPattern: try cursor.number()))
    case CanonicalTag.string: value = .string(try cursor.text())
    case CanonicalTag.bytes: value = .bytes(Array(try cursor.counted()))
    case CanonicalTag.input:
      let kind = try cursor.text()
      let start = cursor.position
      return try add(.input(kind: kind, try cursor.digest()), at: path, from: start)
    case CanonicalTag.source: value = .source(try cursor.digest())
    default: return try readCollection(tag, at: path)
    }
    try add(value, at: path, from: start)
  }

  private mutating func readCollection(_ tag: UInt8, at path: String) throws {
    let form: RecipeValue.Collection
    switch tag {
    case CanonicalTag.array: form = .array
    case CanonicalTag.object: form = .object
    case CanonicalTag.set: form = .set
    case CanonicalTag.map: form = .dictionary
    default: throw cursor.unreadable("no value begins with the byte \(tag)")
    }
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.depthLimit else {
      throw cursor.unreadable("values are nested more than \(Self.depthLimit) deep")
    }
    let start = cursor.position
    let count = try cursor.count()
    if count == 0 { try add(.empty(form), at: path, from: start) }
    for index in 0..<count {
      switch form {
      case .array:
        if try passesOver() { continue }
        try read(at: "\(path)[\(index)]")
      case .object:
        let bytes = try cursor.counted()
        if try passesOver() { continue }
        let name = Self.shortened(try cursor.text(bytes))
        try read(at: path.isEmpty ? name : "\(path).\(name)")
      case .set: try readElement(of: path)
      case .dictionary:
        let first = leaves.count
        let key = try readNamed()
        leaves.removeSubrange(first...)
        try read(at: "\(path)[\(key)]")
      }
    }
  }

  private mutating func passesOver() throws -> Bool { try seeksReferences && cursor.skipPlain() }

  /// Reads an element of a set: it is known by its own content, so its leaves get their path once it is read.
  private mutating func readElement(of path: String) throws {
    let first = leaves.count
    let stem = "\(path){\(try readNamed())}"
    for index in leaves.indices[first...] {
      let rest = leaves[index].path
      let isField = rest.first.map { $0 != "[" && $0 != "{" } ?? false
      leaves[index].path = stem + (isField ? "." : "") + rest
      pathBytes += leaves[index].path.utf8.count
      guard pathBytes <= Self.pathLimit else { throw cursor.unreadable("its names are too long") }
    }
  }

  /// Reads a value, its leaves with paths of their own, and names it.
  private mutating func readNamed() throws -> String {
    let (start, first, seeks) = (cursor.position, leaves.count, seeksReferences)
    // Its name may be that of a plain leaf.
    seeksReferences = false
    defer { seeksReferences = seeks }
    try read(at: "")
    if leaves.count == first + 1, leaves[first].path.isEmpty { return Self.shortened(leaves[first].value.description) }
    return Digest(of: cursor.bytes[start..<cursor.position]).short
  }

  private mutating func add(_ value: RecipeValue, at path: String, from offset: Int) throws {
    pathBytes += path.utf8.count
    guard pathBytes <= Self.pathLimit else { throw cursor.unreadable("its names are too long") }
    leaves.append(.init(path: path, value: value, offset: offset))
  }

  private static func shortened(_ name: String) -> String {
    name.utf8.count <= nameLimit ? name : "\(name.prefix(40))…\(Digest(of: Array(name.utf8)).short)"
  }
}
