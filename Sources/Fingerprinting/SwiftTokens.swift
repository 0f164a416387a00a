/// Swift source as tokens. It never fails: what it does not know becomes a symbol, and text that ends too early ends there.
struct SwiftTokens {
  private var scanner: Scanner
  private(set) var tokens: [Token] = []
  private var isInDirective = false

  init(_ text: String) {
    scanner = Scanner(text)
    while true {
      let trivia = scanner.skipTrivia(nestsComments: true, ending: &isInDirective, into: &tokens)
      guard !scanner.isAtEnd else { return }
      next(afterSpace: trivia.any || tokens.isEmpty, beginsLine: trivia.endsLine)
    }
  }

  private mutating func next(afterSpace: Bool, beginsLine: Bool) {
    let start = scanner.place
    let byte = scanner.byte()
    if Scanner.isDigit(byte) {
      tokens.append(Token(kind: .number, text: scanner.number()))
    } else if Scanner.isWord(byte) {
      tokens.append(Token(kind: .word, text: scanner.word()))
    } else if byte == Scanner.quote || (byte == UInt8(ascii: "#") && opensRawLiteral) {
      tokens.append(Token(kind: .literal, text: scanner.swiftLiteral()))
    } else if byte == UInt8(ascii: "/"), opensRegex {
      scanner.passRegex()
      tokens.append(Token(kind: .literal, text: scanner.text(from: start)))
    } else if Self.isOperator(byte), byte != UInt8(ascii: ".") || scanner.byte(1) == byte {
      operation(afterSpace: afterSpace)
    } else if byte == UInt8(ascii: "`") {
      scanner.place += 1
      while !scanner.isAtEnd, scanner.byte() != byte, scanner.byte() != Scanner.newline { scanner.place += 1 }
      scanner.place += 1
      tokens.append(Token(kind: .word, text: scanner.text(from: start)))
    } else {
      scanner.place += 1
      var token = Token(kind: .symbol, text: scanner.text(from: start))
      if beginsLine, token.text == "(" || token.text == "[", endsExpression { token.mark = Token.beginsLine }
      tokens.append(token)
      if token.text == "#" { directive() }
    }
  }

  /// `#if` and its like say where their condition ends by the end of the line.
  private mutating func directive() {
    guard Scanner.isWord(scanner.byte()) else { return }
    let name = scanner.word()
    tokens.append(Token(kind: .word, text: name))
    isInDirective = name == "if" || name == "elseif"
  }

  private mutating func operation(afterSpace: Bool) {
    let start = scanner.place
    while Self.isOperator(scanner.byte()) {
      if scanner.place > start, scanner.starts(with: "//") || scanner.starts(with: "/*") { break }
      // Dots belong to operators that begin with one.
      if scanner.byte() == UInt8(ascii: "."), scanner.bytes[start] != scanner.byte() { break }
      scanner.place += 1
    }
    var token = Token(kind: .operation, text: scanner.text(from: start))
    let opensBracket =
      tokens.last.map { $0.mark == 0 && ["(", "[", "{", ",", ";", ":"].contains(where: $0.is) } ?? true
    let isBoundLeft = !afterSpace && !opensBracket
    let next = scanner.byte()
    let isBoundRight =
      !scanner.isAtEnd && !Scanner.isSpace(next) && !scanner.starts(with: "//") && !scanner.starts(with: "/*")
      && ![")", "]", "}", ",", ";", ":"].contains { $0 == Character(UnicodeScalar(next)) }
    // Brackets of generics and question marks stand where lines break, and mean the same on either side.
    let mayBreak = token.text.allSatisfy { "<>?!".contains($0) }
    if isBoundLeft != isBoundRight, !mayBreak { token.mark = isBoundLeft ? Token.postfix : Token.prefix }
    // Generics may close apart or together.
    if token.text.allSatisfy({ $0 == ">" }) {
      tokens += Array(repeating: Token(kind: .operation, text: ">"), count: token.text.count)
    } else {
      tokens.append(token)
    }
  }

  /// `#"` or `##/`, not `#if`.
  private var opensRawLiteral: Bool {
    var ahead = 0
    while scanner.byte(ahead) == UInt8(ascii: "#") { ahead += 1 }
    return scanner.byte(ahead) == Scanner.quote || scanner.byte(ahead) == UInt8(ascii: "/")
  }

  /// A slash where an operand is due, with its fellow on the same line.
  private var opensRegex: Bool {
    guard !endsExpression, !Scanner.isSpace(scanner.byte(1)) else { return false }
    var ahead = 1
    while scanner.place + ahead < scanner.bytes.count, scanner.byte(ahead) != Scanner.newline {
      if scanner.byte(ahead) == Scanner.backslash {
        ahead += 1
      } else if scanner.byte(ahead) == UInt8(ascii: "/") {
        return true
      }
      ahead += 1
    }
    return false
  }

  /// Whether the last token may end an expression.
  private var endsExpression: Bool {
    guard let last = tokens.last else { return false }
    return switch last.kind {
    case .word: !Self.wordsBeforeOperands.contains(last.text)
    case .number, .literal: true
    case .symbol: [")", "]", "}"].contains(last.text)
    case .operation: last.mark == Token.postfix
    case .lineEnd: false
    }
  }

  private static let wordsBeforeOperands: Set = [
    "return", "in", "case", "where", "if", "while", "guard", "switch", "else", "try", "await", "throw", "is", "as",
  ]

  private static let operators: Set<UInt8> = Set("/=-+!*%<>&|^~?.".utf8)

  private static func isOperator(_ byte: UInt8) -> Bool { operators.contains(byte) }
}

extension Scanner {
  /// Passes a regular expression between slashes.
  mutating func passRegex() {
    place += 1
    while !isAtEnd, byte() != UInt8(ascii: "/"), byte() != Self.newline {
      place += byte() == Self.backslash ? 2 : 1
    }
    place += 1
  }
}
