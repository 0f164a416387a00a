import Artifacts

/// A 64-bit checksum of rows and journal records, against damage and not against malice.
///
/// Each step is a bijection of the state for a given word, so that a change within one word is always noticed, and any
/// other with the odds of 2⁶⁴ to one.
struct Checksum {
  private var state: UInt64

  init(seed: UInt64) { state = seed ^ 0x9E37_79B9_7F4A_7C15 }

  mutating func add(_ word: UInt64) {
    let product = (state ^ word) &* 0xD6E8_FEB8_6659_FD93
    state = (product << 29 | product >> 35) &+ 0x2545_F491_4F6C_DD1D
  }

  mutating func add(_ value: Int64) { add(UInt64(bitPattern: value)) }
  mutating func add(_ value: Double) { add(value.bitPattern) }

  mutating func add(_ digest: Digest) {
    let words = digest.fourWords
    add(words.0)
    add(words.1)
    add(words.2)
    add(words.3)
  }

  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    add(UInt64(bytes.count))
    var offset = 0
    while offset + 8 <= bytes.count {
      add(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
      offset += 8
    }
    var last: UInt64 = 0
    while offset < bytes.count {
      last = last << 8 | UInt64(bytes[offset])
      offset += 1
    }
    add(last)
  }

  mutating func add(_ bytes: [UInt8]) { bytes.withUnsafeBytes { add($0) } }

  mutating func add(_ text: String) {
    var text = text
    text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
  }

  var value: UInt64 {
    var mixed = state
    mixed ^= mixed >> 32
    mixed &*= 0xD6E8_FEB8_6659_FD93
    return mixed ^ mixed >> 29
  }

  var signed: Int64 { Int64(bitPattern: value) }
}
