import Foundation

/// The checkout that these tests belong to.
enum SourceTree {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// All files below a folder of the checkout whose names end in `suffix`.
  static func files(below folder: String, suffix: String) -> [URL] {
    let walker = FileManager.default.enumerator(
      at: root.appending(path: folder), includingPropertiesForKeys: nil)
    return (walker?.compactMap { $0 as? URL } ?? []).filter { $0.path.hasSuffix(suffix) }
      .sorted { $0.path < $1.path }
  }

  static func text(_ file: URL) throws -> String { try String(contentsOf: file, encoding: .utf8) }

  static func relative(_ file: URL) -> String { String(file.path.dropFirst(root.path.count + 1)) }

  /// The modules that a Swift file imports.
  static func imports(of text: String) -> Set<String> {
    var modules: Set<String> = []
    for line in text.split(whereSeparator: \.isNewline) {
      var words = line.split(separator: " ").map(String.init)
      while let first = words.first, first.hasPrefix("@") || ["public", "internal", "private"].contains(first) {
        words.removeFirst()
      }
      guard words.first == "import", words.count > 1 else { continue }
      let kinds: Set = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
      let name = kinds.contains(words[1]) && words.count > 2 ? words[2] : words[1]
      modules.insert(String(name.prefix { $0 != "." && $0 != ";" }))
    }
    return modules
  }
}

/// The table of targets in `docs/architecture.md`: what each may import.
struct ImportTable {
  /// Direct permissions, by target.
  var allowed: [String: Set<String>] = [:]

  /// Reads rows of the form `` | `Target` | purpose | `A`, `B` | ``.
  init(markdown: String) {
    for line in markdown.split(whereSeparator: \.isNewline) where line.hasPrefix("| `") {
      let cells = line.split(separator: "|", omittingEmptySubsequences: false).map { $0.trimming(" ") }
      guard cells.count >= 5 else { continue }
      allowed[cells[1].trimming("`")] = Set(
        cells[3].split(separator: ",").map { $0.trimming(" ").trimming("`") }.filter { $0 != "–" })
    }
  }

  /// What a target may import, with what those may.
  func closure(of target: String) -> Set<String> {
    var result: Set<String> = []
    var open = [target]
    while let next = open.popLast() {
      for name in allowed[next] ?? [] where result.insert(name).inserted { open.append(name) }
    }
    return result
  }
}

extension StringProtocol {
  func trimming(_ characters: String) -> String {
    trimmingCharacters(in: CharacterSet(charactersIn: characters))
  }
}
