extension Digest {
  /// Reads exactly 32 bytes of memory, without the cost of a sequence; nil for any other number.
  public init?(_ raw: UnsafeRawBufferPointer) {
    guard raw.count == Self.byteCount else { return nil }
    words = InlineWords(
      a: UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
      b: UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
      c: UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 16, as: UInt64.self)),
      d: UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 24, as: UInt64.self)))
  }

  /// Lends the 32 bytes, in order, without an allocation.
  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    let ordered = (words.a.bigEndian, words.b.bigEndian, words.c.bigEndian, words.d.bigEndian)
    return try Swift.withUnsafeBytes(of: ordered, body)
  }

  /// The 32 bytes as four numbers, most significant first.
  public var fourWords: (UInt64, UInt64, UInt64, UInt64) { (words.a, words.b, words.c, words.d) }
}
