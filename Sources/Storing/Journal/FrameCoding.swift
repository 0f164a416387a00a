import Artifacts

/// The frame of a record in the journal: each proves itself and names the one before it.
///
/// 24 bytes of head: magic, length of the payload (4 bytes each), checksum of the frame before, checksum of this one.
struct Frame {
  static let headSize = 24
  static let magic: UInt32 = 0x314A_5452  // “RTJ1”
  static let longest = 1 << 30

  var length: Int
  var previous: UInt64
  var check: UInt64

  static func check(previous: UInt64, payload: UnsafeRawBufferPointer) -> UInt64 {
    var sum = Checksum(seed: UInt64(magic))
    sum.add(previous)
    sum.add(payload)
    return sum.value
  }

  static func write(_ payload: [UInt8], after previous: UInt64, to bytes: inout [UInt8]) -> UInt64 {
    let check = payload.withUnsafeBytes { Self.check(previous: previous, payload: $0) }
    var head = ByteWriter()
    head.write(magic)
    head.write(UInt32(payload.count))
    head.write(previous)
    head.write(check)
    bytes += head.bytes
    bytes += payload
    return check
  }

  /// The frame that begins at `offset` of `bytes` if it is whole and proves itself.
  init?(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
    guard offset >= 0, bytes.count - offset >= Self.headSize else { return nil }
    guard bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self).littleEndian == Self.magic else { return nil }
    length = Int(bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self).littleEndian)
    previous = bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self).littleEndian
    check = bytes.loadUnaligned(fromByteOffset: offset + 16, as: UInt64.self).littleEndian
    guard length <= Self.longest, length <= bytes.count - offset - Self.headSize else { return nil }
    guard check == Self.check(previous: previous, payload: payload(of: bytes, at: offset)) else { return nil }
  }

  func payload(of bytes: UnsafeRawBufferPointer, at offset: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[offset + Self.headSize..<offset + Self.headSize + length])
  }

  var size: Int { Self.headSize + length }

  /// Where the next whole frame begins in `bytes` after `offset`: what is bad before it is no torn tail but damage.
  ///
  /// No frame is shorter than a head and a `lost` record.
  static func next(_ bytes: UnsafeRawBufferPointer, after offset: Int) -> Int? {
    var next = offset + headSize + JournalRecord.lostOverhead
    while next + headSize <= bytes.count {
      if bytes[next] == UInt8(truncatingIfNeeded: magic), Frame(bytes, at: next) != nil { return next }
      next += 1
    }
    return nil
  }
}
