import Artifacts

/// A file of lines in UTF-8, read whole and checked: with or without a byte-order mark, lines ended by LF or CR LF.
public struct TextFile: Sendable {
  /// What errors call the file: the user's path, also where a copy was read.
  public let name: String
  /// The lines without their ends. A last line without an end counts; nothing after a last line end does not.
  public let lines: [String]

  /// Reads `path`.
  ///
  /// - Throws: `file.missing`, `file.unreadable`, `file.encoding` with the line and column of the first bad byte.
  public init(reading path: FilePath, named name: String? = nil) throws {
    try self.init(LineReader(reading: path, named: name))
  }

  /// Takes bytes that were read already.
  ///
  /// - Throws: `file.encoding`.
  public init(bytes: [UInt8], named name: String) throws { try self.init(LineReader(bytes: bytes, named: name)) }

  private init(_ reader: LineReader) throws {
    var reader = reader
    var lines: [String] = []
    while let line = try reader.nextText() { lines.append(line) }
    name = reader.name
    self.lines = lines
  }
}

/// All bytes of a file; errors call it `name`.
///
/// - Throws: `file.missing`, `file.unreadable` and the like.
func fileBytes(_ path: FilePath, named name: String) throws -> [UInt8] { try namingFile(name) { try Files.read(path) } }

/// Writes a file of an attempt's folder, which the store makes durable when it publishes it.
func writeFile(_ bytes: [UInt8], to path: FilePath) throws {
  try Files.replace(path, with: bytes, isDurable: false)
}
