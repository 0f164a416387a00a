import Artifacts

// The folder of a `Corpus`: `text.txt`, one passage a line.
extension Corpus {
  private static var textName: String { "text.txt" }

  /// Writes passages into an empty folder. Line breaks inside a passage become spaces; empty passages are left out.
  ///
  /// - Throws: `file.unwritable`.
  public init(writing passages: some Sequence<String>, to folder: FilePath) throws {
    var text: [UInt8] = []
    var count = 0
    for passage in passages {
      let line = passage.split { $0.isNewline }.joined(separator: " ")
      guard line.contains(where: { !$0.isWhitespace }) else { continue }
      text += line.utf8
      text.append(10)
      count += 1
    }
    try writeFile(text, to: folder.appending(Self.textName))
    var facts = Facts()
    facts.examples = count
    self.init(folder: folder, facts: facts)
  }

  /// All passages, in order.
  ///
  /// - Throws: `file.missing`, `file.unreadable`, `file.encoding`.
  public func passages() throws -> [String] { try TextFile(reading: folder.appending(Self.textName)).lines }
}
