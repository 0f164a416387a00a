/// GPT-2's visible letter for each byte (openai/gpt-2, `encoder.py`, `bytes_to_unicode`).
enum ByteAlphabet {
  /// The letter of each byte.
  static let letters: [UInt32] = {
    var extra: UInt32 = 0
    return (0..<256).map { byte in
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return UInt32(byte)
      default:
        extra += 1
        return 255 + extra
      }
    }
  }()

  private static let bytes: [UInt32: UInt8] = Dictionary(
    uniqueKeysWithValues: letters.enumerated().map { ($1, UInt8(truncatingIfNeeded: $0)) })

  /// Bytes as their letters.
  static func text(of bytes: some Sequence<UInt8>) -> String {
    var text = String.UnicodeScalarView()
    for byte in bytes { if let scalar = Unicode.Scalar(letters[Int(byte)]) { text.append(scalar) } }
    return String(text)
  }

  /// The bytes whose letters a token consists of, or nil where it has others.
  static func bytes(of token: String) -> [UInt8]? {
    var result: [UInt8] = []
    for scalar in token.unicodeScalars {
      guard let byte = bytes[scalar.value] else { return nil }
      result.append(byte)
    }
    return result
  }
}
