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
    var reader = RecipeNodeReader(bytes: bytes)
    self = try reader.node(depth: 0)
    guard reader.position == bytes.count else { throw RecipeNodeReader.unreadable(at: reader.position) }
  }
}

/// Reads canonical bytes of any origin: it throws, but never traps, and takes memory in proportion to the bytes.
private struct RecipeNodeReader {
  let bytes: [UInt8]
  private(set) var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  static func unreadable(at position: Int) -> RetortError {
    RetortError(
      "recipe.unreadable", "A stored recipe cannot be read at byte \(position).",
      remedy: "Run “retort verify” to find damaged records.", blame: .environment)
  }

  mutating func node(depth: Int) throws -> RecipeNode {
    guard depth <= RecipeReader.depthLimit else { throw Self.unreadable(at: position) }
    switch try take(1).first {
    case CanonicalTag.null: return .null
    case CanonicalTag.yes: return .bool(true)
    case CanonicalTag.no: return .bool(false)
    case CanonicalTag.integer: return .integer(Int64(bitPattern: try number()))
    case CanonicalTag.unsigned: return .unsigned(try number())
    case CanonicalTag.double: return .double(Double(bitPattern: try number()))
    case CanonicalTag.float: return .float(Float(bitPattern: try number()))
    case CanonicalTag.string: return .string(try text())
    case CanonicalTag.bytes: return .bytes(Array(try counted()))
    case CanonicalTag.input: return .input(kind: try text(), try digest())
    case CanonicalTag.source: return .source(try digest())
    case CanonicalTag.array: return .array(try elements { try $0.node(depth: depth + 1) })
    case CanonicalTag.set: return .set(try elements { try $0.node(depth: depth + 1) })
    case CanonicalTag.object: return .object(try elements { (try $0.text(), try $0.node(depth: depth + 1)) })
    case CanonicalTag.map:
      return .map(try elements { (try $0.node(depth: depth + 1), try $0.node(depth: depth + 1)) })
    default: throw Self.unreadable(at: position)
    }
  }

  private mutating func elements<Element>(
    _ read: (inout RecipeNodeReader) throws -> Element
  ) throws -> [Element] {
    let count = Int(try number() as UInt32)
    var result: [Element] = []
    // Each takes a byte at least, so a count alone reserves nothing.
    for _ in 0..<count { result.append(try read(&self)) }
    return result
  }

  private mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
    guard count <= bytes.count - position else { throw Self.unreadable(at: position) }
    defer { position += count }
    return bytes[position..<position + count]
  }

  private mutating func number<Value: FixedWidthInteger>() throws -> Value {
    try take(MemoryLayout<Value>.size).reversed().reduce(0) { $0 << 8 | Value(truncatingIfNeeded: $1) }
  }

  private mutating func counted() throws -> ArraySlice<UInt8> { try take(Int(try number() as UInt32)) }

  private mutating func text() throws -> String {
    guard let text = String(validating: try counted(), as: UTF8.self) else { throw Self.unreadable(at: position) }
    return text
  }

  private mutating func digest() throws -> Digest {
    guard let digest = Digest(bytes: try take(Digest.byteCount)) else { throw Self.unreadable(at: position) }
    return digest
  }
}
