extension Scanner {
  /// Passes a string or a raw regular expression, and gives it with its delimiters; what is written in several lines loses
  /// the indentation that is not part of its value.
  mutating func swiftLiteral() -> String {
    let start = place
    var hashes = 0
    while byte() == UInt8(ascii: "#") {
      hashes += 1
      place += 1
    }
    let delimiter = byte()
    let isLong = delimiter == Self.quote && starts(with: "\"\"\"")
    place += isLong ? 3 : 1
    while !isAtEnd {
      if byte() == Self.backslash, hasHashes(hashes, ahead: 1) {
        place += 1 + hashes
        if byte() == UInt8(ascii: "("), delimiter == Self.quote { passInterpolation() } else { place += 1 }
      } else if closes(delimiter, isLong: isLong, hashes: hashes) {
        place += (isLong ? 3 : 1) + hashes
        break
      } else if byte() == Self.newline, !isLong, delimiter == Self.quote || hashes == 0 {
        break
      } else {
        place += 1
      }
    }
    return isLong ? Self.unindented(text(from: start)) : text(from: start)
  }

  private func hasHashes(_ count: Int, ahead: Int) -> Bool {
    (0..<count).allSatisfy { byte(ahead + $0) == UInt8(ascii: "#") }
  }

  private func closes(_ delimiter: UInt8, isLong: Bool, hashes: Int) -> Bool {
    guard byte() == delimiter else { return false }
    return isLong
      ? starts(with: "\"\"\"") && hasHashes(hashes, ahead: 3) : hasHashes(hashes, ahead: 1)
  }

  /// Passes what stands in the parentheses of an interpolation, with the strings in it.
  private mutating func passInterpolation() {
    var depth = 0
    while !isAtEnd {
      if byte() == Self.quote {
        _ = swiftLiteral()
        continue
      }
      if byte() == UInt8(ascii: "(") { depth += 1 }
      if byte() == UInt8(ascii: ")") { depth -= 1 }
      place += 1
      if depth == 0 { return }
    }
  }

  /// Without the spaces before the closing delimiter, which every line has.
  private static func unindented(_ text: String) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard let last = lines.last else { return text }
    let indentation = last.prefix { $0 == " " || $0 == "\t" }
    for index in lines.indices.dropFirst() where lines[index].hasPrefix(indentation) {
      lines[index] = lines[index].dropFirst(indentation.count)
    }
    return lines.joined(separator: "\n")
  }
}
