extension JSONValue {
  /// The document on one line, without spaces.
  public var compactText: String {
    var text = ""
    write(to: &text, indent: nil, level: 0)
    return text
  }

  /// The document with two spaces a level, as Hugging Face writes `config.json`; ends with a line feed.
  public var prettyText: String {
    var text = ""
    write(to: &text, indent: 2, level: 0)
    return text + "\n"
  }

  private func write(to text: inout String, indent: Int?, level: Int) {
    switch self {
    case .null: text += "null"
    case .bool(let flag): text += flag ? "true" : "false"
    case .number(let digits): text += digits
    case .string(let content): Self.quote(content, into: &text)
    case .array(let items):
      Self.list(items, open: "[", close: "]", to: &text, indent: indent, level: level) { item, text in
        item.write(to: &text, indent: indent, level: level + 1)
      }
    case .object(let members):
      Self.list(members, open: "{", close: "}", to: &text, indent: indent, level: level) { member, text in
        Self.quote(member.name, into: &text)
        text += indent == nil ? ":" : ": "
        member.value.write(to: &text, indent: indent, level: level + 1)
      }
    }
  }

  private static func list<Item>(
    _ items: [Item], open: String, close: String, to text: inout String, indent: Int?, level: Int,
    each: (Item, inout String) -> Void
  ) {
    func newline(_ level: Int, _ text: inout String) {
      if let indent { text += "\n" + String(repeating: " ", count: indent * level) }
    }
    text += open
    for (index, item) in items.enumerated() {
      if index > 0 { text += "," }
      newline(level + 1, &text)
      each(item, &text)
    }
    if !items.isEmpty { newline(level, &text) }
    text += close
  }

  private static func quote(_ content: String, into text: inout String) {
    text += "\""
    for scalar in content.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{08}": text += "\\b"
      case "\u{0C}": text += "\\f"
      case "\u{00}"..<"\u{20}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

extension JSONValue {
  public static func number(_ value: Int) -> JSONValue { .number(String(value)) }

  /// A finite number in the shortest decimal form that reads back to the same value; others become `null`.
  public static func number(_ value: Double) -> JSONValue { value.isFinite ? .number("\(value)") : .null }
}
