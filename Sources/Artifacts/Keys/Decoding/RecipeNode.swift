/// A value of the canonical encoding with all that is in it, as `CanonicalTag` lists them.
indirect enum RecipeNode {
  case null
  case bool(Bool)
  case integer(Int64)
  case unsigned(UInt64)
  case double(Double)
  case float(Float)
  case string(String)
  case bytes([UInt8])
  case input(kind: String, Digest)
  case source(Digest)
  case array([RecipeNode])
  case object([(name: String, value: RecipeNode)])
  case set([RecipeNode])
  case map([(key: RecipeNode, value: RecipeNode)])

  /// The value of a field.
  subscript(name: String) -> RecipeNode? {
    guard case .object(let fields) = self else { return nil }
    return fields.first { $0.name == name }?.value
  }

  /// - Throws: `RetortError` (`recipe.unreadable`) where the bytes are no recipe, whatever they are.
  init(bytes: [UInt8]) throws {
    var cursor = CanonicalCursor(bytes)
    try self.init(&cursor, depth: 0)
    try cursor.finish()
  }

  /// Takes memory in proportion to the bytes.
  private init(_ cursor: inout CanonicalCursor, depth: Int) throws {
    guard depth <= RecipeReader.depthLimit else { throw cursor.unreadable("values are nested too deep") }
    func elements<Element>(_ read: (inout CanonicalCursor) throws -> Element) throws -> [Element] {
      var result: [Element] = []
      // Each takes a byte at least, so a count alone reserves nothing.
      for _ in 0..<(try cursor.count()) { result.append(try read(&cursor)) }
      return result
    }
    let tag = try cursor.byte()
    switch tag {
    case CanonicalTag.null: self = .null
    case CanonicalTag.yes: self = .bool(true)
    case CanonicalTag.no: self = .bool(false)
    case CanonicalTag.integer: self = .integer(Int64(bitPattern: try cursor.number()))
    case CanonicalTag.unsigned: self = .unsigned(try cursor.number())
    case CanonicalTag.double: self = .double(Double(bitPattern: try cursor.number()))
    case CanonicalTag.float: self = .float(Float(bitPattern: try cursor.number()))
    case CanonicalTag.string: self = .string(try cursor.text())
    case CanonicalTag.bytes: self = .bytes(Array(try cursor.counted()))
    case CanonicalTag.input: self = .input(kind: try cursor.text(), try cursor.digest())
    case CanonicalTag.source: self = .source(try cursor.digest())
    case CanonicalTag.array: self = .array(try elements { try Self(&$0, depth: depth + 1) })
    case CanonicalTag.set: self = .set(try elements { try Self(&$0, depth: depth + 1) })
    case CanonicalTag.object: self = .object(try elements { (try $0.text(), try Self(&$0, depth: depth + 1)) })
    case CanonicalTag.map:
      self = .map(try elements { (try Self(&$0, depth: depth + 1), try Self(&$0, depth: depth + 1)) })
    default: throw cursor.unreadable("no value begins with the byte \(tag)")
    }
  }
}
