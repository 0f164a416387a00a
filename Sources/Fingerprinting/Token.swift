/// A piece of source text that means something: no comment, no space.
struct Token: Hashable {
  enum Kind: UInt8 {
    case word
    case number
    /// A string or a regular expression, with its delimiters.
    case literal
    case symbol
    /// A run of operator characters.
    case operation
    /// Where the end of a line has a meaning: after a directive.
    case lineEnd
  }

  var kind: Kind
  var text: String
  /// What layout decides and is no mere layout: an operator that touches one neighbour alone, a bracket that begins a line.
  var mark: UInt8 = 0

  static let prefix: UInt8 = 1
  static let postfix: UInt8 = 2
  static let beginsLine: UInt8 = 3

  func `is`(_ text: String) -> Bool { self.text == text && kind != .literal }
}

extension [Token] {
  /// A hash of 64 bits (FNV-1a): against accidents, not against malice.
  var fingerprint: UInt64 {
    var hash = FowlerNollVo()
    for (index, token) in enumerated() {
      // A comma before a closing bracket is layout.
      if token.is(","), index + 1 < count, [")", "]", "}"].contains(where: self[index + 1].is) { continue }
      hash.add(token.kind.rawValue)
      hash.add(token.mark)
      for byte in token.text.utf8 { hash.add(byte) }
      hash.add(UInt8(0xFF))
    }
    return hash.value
  }
}

/// FNV-1a of 64 bits.
struct FowlerNollVo {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }

  mutating func add(_ other: UInt64) {
    for shift in stride(from: 0, to: 64, by: 8) { add(UInt8(truncatingIfNeeded: other >> UInt64(shift))) }
  }
}

extension UInt64 {
  /// 16 digits.
  var hex: String {
    let digits = String(self, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
