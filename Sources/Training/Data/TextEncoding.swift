import Artifacts

/// How the bytes of a text file stand for characters.
public enum TextEncoding: String, Sendable, Codable {
  /// With or without a byte-order mark.
  case utf8
  /// ISO 8859-1: each byte is the Unicode scalar of that number.
  case latin1
}

extension TextEncoding {
  /// Some bytes of a file, up to a line's end, in UTF-8.
  ///
  /// - Parameter line: its number, for the error.
  /// - Throws: `file.encoding` with the line and column of the first bad byte.
  func decoded(_ bytes: ArraySlice<UInt8>, _ name: String, line: Int) throws -> [UInt8] {
    if Self.isPlain(bytes) { return Array(bytes) }
    switch self {
    case .latin1:
      guard !bytes.contains(0) else { throw Self.badByte(in: bytes, name, line: line) }
      var result: [UInt8] = []
      result.reserveCapacity(bytes.count + 16)
      for byte in bytes {
        if byte < 0x80 {
          result.append(byte)
        } else {
          result.append(0xC0 | byte >> 6)
          result.append(0x80 | byte & 0x3F)
        }
      }
      return result
    case .utf8:
      guard String(validating: bytes, as: UTF8.self) != nil, !bytes.contains(0) else {
        throw Self.badByte(in: bytes, name, line: line)
      }
      return Array(bytes)
    }
  }

  /// Whether all bytes are ASCII and none is zero.
  private static func isPlain(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.withUnsafeBufferPointer { bytes in
      var (union, least): (UInt8, UInt8) = (0, 255)
      for byte in bytes {
        union |= byte
        least = min(least, byte)
      }
      return union < 0x80 && least > 0
    }
  }

  private static func badByte(in line: ArraySlice<UInt8>, _ name: String, line number: Int) -> RetortError {
    if let place = line.firstIndex(of: 0) {
      let column = String(decoding: line[..<place], as: UTF8.self).unicodeScalars.count + 1
      return RetortError(
        "file.encoding", "There is a zero byte: this is not a text file.", remedy: "Give a file of UTF-8 text.",
        at: Place(file: name, line: number, column: column))
    }
    var decoder = UTF8()
    var rest = line.makeIterator()
    var column = 1
    while case .scalarValue = decoder.decode(&rest) { column += 1 }
    return error("There is a byte that is not UTF-8.", name, line: number, column: column, from: "ISO-8859-1")
  }

  static func error(
    _ message: String, _ name: String, line: Int, column: Int, from encoding: String
  ) -> RetortError {
    RetortError(
      "file.encoding", message, remedy: "Convert it first, for instance with iconv -f \(encoding) -t UTF-8.",
      at: Place(file: name, line: line, column: column))
  }
}
