import Artifacts

// The folder of a `Corpus`: `text.txt`, one passage a line.
extension Corpus {
  /// Writes passages into an empty folder. Line breaks inside a passage become spaces; empty passages are left out.
  ///
  /// - Throws: `file.read-only`, `disk.full` and the like.
  public init(writing passages: some Sequence<String>, to folder: FilePath) throws {
    let writer = try CorpusWriter(to: folder)
    for passage in passages { try writer.append(passage) }
    self = try writer.finish()
  }

  /// All passages, in order.
  ///
  /// - Throws: `file.missing`, `file.unreadable`, `file.encoding`.
  public func passages() throws -> [String] { try TextFile(reading: folder.appending(CorpusWriter.textName)).lines }

  /// Reads the passages one after the other: the corpus may be larger than memory.
  ///
  /// - Throws: as `passages()`; what `body` throws.
  public func forEachPassage(_ body: (String) throws -> Void) throws {
    var lines = try LineReader(reading: folder.appending(CorpusWriter.textName))
    while let passage = try lines.nextText() { try body(passage) }
  }
}

/// Writes the folder of a `Corpus` passage by passage.
public final class CorpusWriter {
  static let textName = "text.txt"
  private let folder: FilePath
  private let text: StreamedFile
  /// The passages so far.
  public private(set) var count = 0

  /// - Parameter folder: an empty one.
  /// - Throws: `file.read-only`, `disk.full` and the like.
  public init(to folder: FilePath) throws {
    self.folder = folder
    text = try StreamedFile(folder.appending(Self.textName))
  }

  /// Line breaks inside a passage become spaces; an empty passage is left out.
  public func append(_ passage: String) throws {
    // Line breaks begin with one of these bytes in UTF-8.
    let mayBreak = passage.utf8.contains { (10...13).contains($0) || $0 == 0xC2 || $0 == 0xE2 }
    let line = mayBreak ? passage.split { $0.isNewline }.joined(separator: " ") : passage
    guard line.contains(where: { !$0.isWhitespace }) else { return }
    count += 1
    try text.append { bytes in
      bytes += line.utf8
      bytes.append(10)
    }
  }

  public func finish() throws -> Corpus {
    try text.flush()
    var facts = Facts()
    facts.examples = count
    return Corpus(folder: folder, facts: facts)
  }
}
