/// Walks over the bytes of a source file: what Swift and C have in common.
struct Scanner {
  let bytes: [UInt8]
  var place = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  var isAtEnd: Bool { place >= bytes.count }

  func byte(_ ahead: Int = 0) -> UInt8 {
    let index = place + ahead
    return index >= 0 && index < bytes.count ? bytes[index] : 0
  }

  func starts(with text: StaticString) -> Bool {
    text.withUTF8Buffer { part in part.indices.allSatisfy { byte($0) == part[$0] } }
  }

  func text(from start: Int) -> String { String(decoding: bytes[start..<min(place, bytes.count)], as: UTF8.self) }

  /// Passes spaces and comments; a directive that ends with its line leaves a token for that.
  mutating func skipTrivia(
    nestsComments: Bool, ending isInDirective: inout Bool, into tokens: inout [Token]
  ) -> (any: Bool, endsLine: Bool) {
    let trivia = skipTrivia(nestsComments: nestsComments)
    if trivia.endsLine, isInDirective {
      tokens.append(Token(kind: .lineEnd, text: ""))
      isInDirective = false
    }
    return trivia
  }

  /// Passes spaces and comments.
  ///
  /// - Returns: whether anything was there, and whether a line ended in it.
  private mutating func skipTrivia(nestsComments: Bool) -> (any: Bool, endsLine: Bool) {
    let start = place
    var endsLine = false
    while !isAtEnd {
      if Self.isSpace(byte()) {
        endsLine = endsLine || byte() == Self.newline
        place += 1
      } else if starts(with: "//") {
        while !isAtEnd, byte() != Self.newline { place += 1 }
      } else if starts(with: "/*") {
        endsLine = skipBlockComment(nests: nestsComments) || endsLine
      } else {
        break
      }
    }
    return (place > start, endsLine)
  }

  /// - Returns: whether a line ends in it.
  private mutating func skipBlockComment(nests: Bool) -> Bool {
    var depth = 1
    var endsLine = false
    place += 2
    while !isAtEnd, depth > 0 {
      if starts(with: "*/") {
        depth -= 1
        place += 2
      } else if nests, starts(with: "/*") {
        depth += 1
        place += 2
      } else {
        endsLine = endsLine || byte() == Self.newline
        place += 1
      }
    }
    return endsLine
  }

  mutating func word() -> String {
    let start = place
    while Self.isWord(byte()) { place += 1 }
    return text(from: start)
  }

  mutating func number() -> String {
    let start = place
    let isHexadecimal = byte() == UInt8(ascii: "0") && byte(1) | 0x20 == UInt8(ascii: "x")
    while true {
      let last = byte(-1) | 0x20
      let mayHaveSign = place > start && (last == UInt8(ascii: "p") || (last == UInt8(ascii: "e") && !isHexadecimal))
      if Self.isWord(byte()) || (byte() == UInt8(ascii: ".") && Self.isDigit(byte(1))) {
        place += 1
      } else if mayHaveSign, byte() == UInt8(ascii: "+") || byte() == UInt8(ascii: "-"), Self.isDigit(byte(1)) {
        place += 1
      } else {
        return text(from: start)
      }
    }
  }

  static let newline = UInt8(ascii: "\n")
  static let quote = UInt8(ascii: "\"")
  static let backslash = UInt8(ascii: "\\")

  static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
  static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  static func isWord(_ byte: UInt8) -> Bool {
    isDigit(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "_")
      || byte == UInt8(ascii: "$") || byte >= 0x80
  }
}
