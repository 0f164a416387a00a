import Crypto

/// A SHA-256 digest: 256 bits, kept whole.
public struct Digest: Hashable, Sendable {
  @usableFromInline var words: InlineWords

  @usableFromInline struct InlineWords: Equatable, Sendable {
    @usableFromInline var a: UInt64
    @usableFromInline var b: UInt64
    @usableFromInline var c: UInt64
    @usableFromInline var d: UInt64
  }

  /// The number of bytes.
  public static let byteCount = 32

  /// Reads 32 bytes; nil for any other number.
  public init?(bytes: some Sequence<UInt8>) {
    var parts: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    var count = 0
    for byte in bytes {
      switch count >> 3 {
      case 0: parts.0 = parts.0 << 8 | UInt64(byte)
      case 1: parts.1 = parts.1 << 8 | UInt64(byte)
      case 2: parts.2 = parts.2 << 8 | UInt64(byte)
      case 3: parts.3 = parts.3 << 8 | UInt64(byte)
      default: return nil
      }
      count += 1
    }
    guard count == Self.byteCount else { return nil }
    words = InlineWords(a: parts.0, b: parts.1, c: parts.2, d: parts.3)
  }

  /// Reads 64 hexadecimal digits; nil for anything else.
  public init?(hex: some StringProtocol) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.byteCount)
    var high: UInt8?
    for unit in hex.utf8 {
      let digit: UInt8
      switch unit {
      case 48...57: digit = unit - 48
      case 97...102: digit = unit - 87
      case 65...70: digit = unit - 55
      default: return nil
      }
      if let first = high {
        bytes.append(first << 4 | digit)
        high = nil
      } else {
        high = digit
      }
    }
    guard high == nil else { return nil }
    self.init(bytes: bytes)
  }

  /// The digest of `bytes`.
  public init(of bytes: some Collection<UInt8>) {
    var hasher = ContentHasher()
    hasher.update(bytes)
    self = hasher.finish()
  }

  /// The 32 bytes, in order.
  public var bytes: [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(Self.byteCount)
    append(to: &result)
    return result
  }

  /// Appends the 32 bytes to `buffer`.
  public func append(to buffer: inout [UInt8]) {
    withBytes { buffer.append(contentsOf: $0) }
  }

  /// Overwrites the 32 bytes of `buffer` that begin at `offset`.
  func write(to buffer: inout [UInt8], at offset: Int) {
    buffer.withUnsafeMutableBytes { raw in
      raw.storeBytes(of: words.a.bigEndian, toByteOffset: offset, as: UInt64.self)
      raw.storeBytes(of: words.b.bigEndian, toByteOffset: offset + 8, as: UInt64.self)
      raw.storeBytes(of: words.c.bigEndian, toByteOffset: offset + 16, as: UInt64.self)
      raw.storeBytes(of: words.d.bigEndian, toByteOffset: offset + 24, as: UInt64.self)
    }
  }

  /// 64 hexadecimal digits.
  public var hex: String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(2 * Self.byteCount)
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The first digits, for people: enough to tell artifacts of one cache apart.
  public var short: String { String(hex.prefix(12)) }
}

extension Digest {
  /// Any 64 bits of a SHA-256 are as good as all for a table in memory; equality looks at all.
  public func hash(into hasher: inout Hasher) { hasher.combine(words.a) }
}

extension Digest: Comparable {
  public static func < (left: Digest, right: Digest) -> Bool {
    (left.words.a, left.words.b, left.words.c, left.words.d)
      < (right.words.a, right.words.b, right.words.c, right.words.d)
  }
}

extension Digest: CustomStringConvertible {
  public var description: String { hex }
}

extension Digest: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let digest = Digest(hex: text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "“\(text)” is not a SHA-256 digest.")
    }
    self = digest
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(hex)
  }
}

/// Hashes bytes that arrive in pieces.
public struct ContentHasher: Sendable {
  private var state = SHA256()

  public init() {}

  public mutating func update(_ bytes: some Collection<UInt8>) {
    let done: Void? = bytes.withContiguousStorageIfAvailable { buffer in
      state.update(bufferPointer: UnsafeRawBufferPointer(buffer))
    }
    if done == nil { Array(bytes).withUnsafeBytes { state.update(bufferPointer: $0) } }
  }

  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    state.update(bufferPointer: bytes)
  }

  public consuming func finish() -> Digest {
    Digest(finished: state.finalize())
  }
}

extension Digest {
  fileprivate init(finished: SHA256Digest) {
    words = finished.withUnsafeBytes { raw in
      InlineWords(
        a: UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
        b: UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
        c: UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 16, as: UInt64.self)),
        d: UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 24, as: UInt64.self)))
    }
  }
}

/// What identifies a computation: the digest of its recipe with the contents of its inputs.
public struct Key: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
  public let digest: Digest

  public init(_ digest: Digest) { self.digest = digest }

  public init(from decoder: any Decoder) throws { digest = try Digest(from: decoder) }
  public func encode(to encoder: any Encoder) throws { try digest.encode(to: encoder) }

  public static func < (left: Key, right: Key) -> Bool { left.digest < right.digest }
  public var description: String { digest.hex }
}
