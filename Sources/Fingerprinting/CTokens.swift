/// C source as tokens, before the preprocessor: directives keep the end of their line.
struct CTokens {
  private(set) var tokens: [Token] = []

  init(_ text: String) {
    // A line that ends in a backslash goes on.
    var scanner = Scanner(text.replacing("\\\n", with: ""))
    var isInDirective = false
    var isFirst = true
    while true {
      let trivia = scanner.skipTrivia(nestsComments: false, ending: &isInDirective, into: &tokens)
      guard !scanner.isAtEnd else { return }
      let start = scanner.place
      let byte = scanner.byte()
      if Scanner.isDigit(byte) {
        tokens.append(Token(kind: .number, text: scanner.number()))
      } else if Scanner.isWord(byte) {
        tokens.append(Token(kind: .word, text: scanner.word()))
      } else if byte == Scanner.quote || byte == UInt8(ascii: "'") {
        scanner.passCLiteral()
        tokens.append(Token(kind: .literal, text: scanner.text(from: start)))
      } else {
        if byte == UInt8(ascii: "#"), isFirst || trivia.endsLine { isInDirective = true }
        scanner.place += Self.operators.first { scanner.starts(with: $0) }?.utf8CodeUnitCount ?? 1
        // In a macro's name a bracket that follows at once opens its parameters.
        let touches = byte == UInt8(ascii: "(") && isInDirective && !trivia.any
        tokens.append(
          Token(kind: .symbol, text: scanner.text(from: start), mark: touches ? Token.postfix : 0))
      }
      isFirst = false
    }
  }

  /// Characters that mean another thing together than apart, the longest first.
  private static let operators: [StaticString] = [
    "<<=", ">>=", "...", "++", "--", "&&", "||", "<<", ">>", "->", "==", "!=", "<=", ">=", "+=", "-=", "*=", "/=", "%=",
    "&=", "|=", "^=", "##",
  ]
}

extension Scanner {
  mutating func passCLiteral() {
    let delimiter = byte()
    place += 1
    while !isAtEnd, byte() != delimiter, byte() != Self.newline {
      place += byte() == Self.backslash ? 2 : 1
    }
    place += 1
  }
}
