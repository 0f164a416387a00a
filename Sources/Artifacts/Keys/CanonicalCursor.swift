/// Reads the pieces of the canonical encoding one after the other, whatever the bytes are: it throws, but never traps.
struct CanonicalCursor {
  let bytes: [UInt8]
  private(set) var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// - Throws: `recipe.unreadable` where anything is left over.
  func finish() throws {
    guard position == bytes.count else { throw unreadable("\(bytes.count - position) bytes are left over") }
  }

  mutating func byte() throws -> UInt8 {
    guard position < bytes.count else { throw unreadable("it ends in the middle") }
    defer { position += 1 }
    return bytes[position]
  }

  private mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
    guard count <= bytes.count - position else { throw unreadable("it ends in the middle") }
    defer { position += count }
    return bytes[position..<position + count]
  }

  mutating func number<Value: FixedWidthInteger>() throws -> Value {
    try take(MemoryLayout<Value>.size).reversed().reduce(0) { $0 << 8 | Value(truncatingIfNeeded: $1) }
  }

  /// The number of elements that follow.
  mutating func count() throws -> Int { Int(try number() as UInt32) }

  mutating func counted() throws -> ArraySlice<UInt8> { try take(try count()) }

  mutating func text() throws -> String { try text(try counted()) }

  func text(_ bytes: ArraySlice<UInt8>) throws -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw unreadable("a text is not UTF-8") }
    return text
  }

  /// Passes over a value that holds no others and refers to nothing.
  ///
  /// - Returns: false, and stays where it is, before any other.
  mutating func skipPlain() throws -> Bool {
    let tag = try byte()
    switch tag {
    case CanonicalTag.null, CanonicalTag.yes, CanonicalTag.no: break
    case CanonicalTag.integer, CanonicalTag.unsigned, CanonicalTag.double: _ = try take(8)
    case CanonicalTag.float: _ = try take(4)
    case CanonicalTag.string, CanonicalTag.bytes: _ = try counted()
    default:
      position -= 1
      return false
    }
    return true
  }

  mutating func digest() throws -> Digest {
    guard let digest = Digest(bytes: try take(Digest.byteCount)) else { throw unreadable("a digest is too short") }
    return digest
  }

  func unreadable(_ why: String) -> RetortError {
    RetortError(
      "recipe.unreadable", "A stored recipe cannot be read at byte \(position): \(why).",
      remedy: "Run “retort verify” to find damaged records.", blame: .environment)
  }
}
