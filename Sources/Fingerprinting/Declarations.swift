/// What one Swift file declares and names, as far as text tells.
struct Declarations {
  struct Nominal: Hashable {
    /// With the types around it: `Outer.Inner`.
    var path: String
    var isExtension: Bool
    var isProtocol: Bool
    /// Private to its file, or to the function that it stands in.
    var isHidden: Bool
    var inherits: [String]
    /// Functions, properties, cases and types that stand right in it.
    var members: Set<String> = []

    var name: String { path.split(separator: ".").last.map(String.init) ?? path }
  }

  private(set) var nominals: [Nominal] = []
  /// Functions, values and aliases outside types.
  private(set) var topLevel: Set<String> = []
  /// Every word of the file.
  let words: Set<String>
  /// The words that follow a dot: members of something.
  let selected: Set<String>
  /// What the file declares anywhere, in functions too.
  private(set) var declared: Set<String> = []

  private let tokens: [Token]
  /// The open braces: which of `nominals` each belongs to; nil for bodies of functions and the like.
  private var open: [Int?] = []

  init(_ tokens: [Token]) {
    self.tokens = tokens
    words = Set(tokens.lazy.filter { $0.kind == .word }.map(\.text))
    selected = Set(tokens.indices.dropFirst().lazy.filter { tokens[$0 - 1].is(".") }.map { tokens[$0].text })
    var pending: Int?
    for index in tokens.indices {
      if tokens[index].is("{") {
        open.append(pending)
        pending = nil
      } else if tokens[index].is("}") {
        _ = open.popLast()
      } else if tokens[index].kind == .word, !(index > 0 && tokens[index - 1].is(".")) {
        if let nominal = nominal(at: index) {
          if !nominal.isExtension, !nominal.isHidden { addMember(nominal.name) }
          declared.insert(nominal.name)
          nominals.append(nominal)
          pending = nominals.count - 1
        } else if let name = member(at: index) {
          addMember(name)
          declared.insert(name)
        }
      }
    }
  }

  private static let keywords: Set = ["struct", "class", "enum", "actor", "protocol", "extension"]
  private static let modifiers: Set = [
    "public", "package", "internal", "private", "fileprivate", "open", "final", "indirect", "nonisolated", "static",
  ]

  private func nominal(at index: Int) -> Nominal? {
    let keyword = tokens[index].text
    guard Self.keywords.contains(keyword) else { return nil }
    var next = index + 1
    guard let first = word(at: next), !["func", "var", "let", "subscript", "init"].contains(first) else { return nil }
    var path = first
    next += 1
    while next + 1 < tokens.count, tokens[next].is("."), let part = word(at: next + 1) {
      path += "." + part
      next += 2
    }
    guard next < tokens.count, [":", "<", "{", "where"].contains(where: tokens[next].is) else { return nil }
    let around = open.last.flatMap(\.self).map { nominals[$0] }
    let isLocal = !open.isEmpty && around == nil
    let isPrivate = modifiers(before: index).contains { $0 == "private" || $0 == "fileprivate" }
    return Nominal(
      path: around.map { "\($0.path).\(path)" } ?? path, isExtension: keyword == "extension",
      isProtocol: keyword == "protocol", isHidden: isLocal || isPrivate || around?.isHidden ?? false,
      inherits: inheritance(from: next))
  }

  private func modifiers(before index: Int) -> [String] {
    var found: [String] = []
    var last = index - 1
    while last >= 0, tokens[last].kind == .word, Self.modifiers.contains(tokens[last].text) {
      found.append(tokens[last].text)
      last -= 1
    }
    return found
  }

  /// The names after the colon, up to the brace or `where`.
  private func inheritance(from index: Int) -> [String] {
    var next = index
    var depth = 0
    var names: [String] = []
    var isInList = false
    while next < tokens.count {
      let token = tokens[next]
      if token.kind == .operation {
        depth += token.text.count { $0 == "<" } - token.text.count { $0 == ">" }
      } else if token.is("("), !isInList {
        depth += 1
      } else if depth <= 0 {
        if token.is("{") || token.is("where") { break }
        if token.is(":") { isInList = true } else if isInList, token.kind == .word { names.append(token.text) }
      }
      next += 1
    }
    return names
  }

  private func member(at index: Int) -> String? {
    switch tokens[index].text {
    case "func", "var", "let", "case", "typealias", "associatedtype", "macro": word(at: index + 1)
    default: nil
    }
  }

  private mutating func addMember(_ name: String) {
    guard let brace = open.last else {
      topLevel.insert(name)
      return
    }
    if let owner = brace { nominals[owner].members.insert(name) }
  }

  private func word(at index: Int) -> String? {
    index < tokens.count && tokens[index].kind == .word ? tokens[index].text : nil
  }
}
