import Artifacts

/// Writes numbers, texts and digests one after another; all little-endian, lengths before contents.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  mutating func write(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func write(_ value: Double) { write(value.bitPattern) }
  mutating func write(_ digest: Digest) { digest.withBytes { bytes.append(contentsOf: $0) } }

  mutating func write(_ text: String) {
    write(UInt32(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  mutating func write(_ blob: [UInt8]) {
    write(UInt32(blob.count))
    bytes.append(contentsOf: blob)
  }
}

/// Reads what `ByteWriter` wrote.
///
/// - Throws: `RetortError` from every call where the bytes end too early or make no sense.
struct ByteReader {
  private let base: UnsafeRawBufferPointer
  private var offset = 0

  init(_ base: UnsafeRawBufferPointer) { self.base = base }

  var isAtEnd: Bool { offset == base.count }

  private mutating func take(_ count: Int) throws -> UnsafeRawBufferPointer {
    guard count >= 0, count <= base.count - offset else { throw Self.damage }
    defer { offset += count }
    return UnsafeRawBufferPointer(rebasing: base[offset..<offset + count])
  }

  mutating func read<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) throws -> Value {
    Value(littleEndian: try take(MemoryLayout<Value>.size).loadUnaligned(as: Value.self))
  }

  mutating func readDouble() throws -> Double { Double(bitPattern: try read()) }

  mutating func readDigest() throws -> Digest {
    guard let digest = Digest(try take(Digest.byteCount)) else { throw Self.damage }
    return digest
  }

  mutating func readText() throws -> String {
    // The bytes have passed a checksum: they are what was written, which was UTF-8.
    String(decoding: try take(Int(try read(UInt32.self))), as: UTF8.self)
  }

  mutating func readBlob() throws -> [UInt8] { Array(try take(Int(try read(UInt32.self)))) }

  /// The bytes of a text or a blob where they lie.
  mutating func readView() throws -> UnsafeRawBufferPointer { try take(Int(try read(UInt32.self))) }

  /// A count of elements that take at least `size` bytes each.
  mutating func readCount(of size: Int) throws -> Int {
    let count = Int(try read(UInt32.self))
    guard count <= (base.count - offset) / max(size, 1) else { throw Self.damage }
    return count
  }

  static var damage: RetortError { .damaged("A record of the cache makes no sense.") }
}

extension RetortError {
  /// Something in the cache's records that cannot be right.
  static func damaged(_ message: String, cause: (any Error)? = nil) -> RetortError {
    RetortError(
      "cache.damaged", message,
      remedy: "Run “retort verify --repair”, which rebuilds the index from the journal.", blame: .environment,
      cause: cause)
  }
}
