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
    let shown = name ?? path.string
    try self.init(bytes: try fileBytes(path, named: shown), named: shown)
  }

  /// Takes bytes that were read already.
  ///
  /// - Throws: `file.encoding`.
  public init(bytes: [UInt8], named name: String) throws {
    self.name = name
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      throw Self.encodingError("It is UTF-16, not UTF-8.", name, line: 1, column: 1, from: "UTF-16")
    }
    var lines: [String] = []
    var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    while start < bytes.count {
      let feed = bytes[start...].firstIndex(of: 10) ?? bytes.count
      var end = feed
      if end > start, bytes[end - 1] == 13 { end -= 1 }
      guard let line = String(validating: bytes[start..<end], as: UTF8.self), !line.utf8.contains(0) else {
        throw Self.badByte(in: bytes[start..<end], name, line: lines.count + 1)
      }
      lines.append(line)
      start = feed + 1
    }
    self.lines = lines
  }

  private static func badByte(in line: ArraySlice<UInt8>, _ name: String, line number: Int) -> RetortError {
    if let place = line.firstIndex(of: 0) {
      let column = String(decoding: line[..<place], as: UTF8.self).unicodeScalars.count + 1
      return RetortError(
        "file.encoding", "There is a zero byte: this is not a text file.", remedy: "Give a file of UTF-8 text.",
        at: Place(file: name, line: number, column: column))
    }
    var decoder = UTF8()
    var rest = line.makeIterator()
    var column = 1
    while case .scalarValue = decoder.decode(&rest) { column += 1 }
    return encodingError("There is a byte that is not UTF-8.", name, line: number, column: column, from: "ISO-8859-1")
  }

  private static func encodingError(
    _ message: String, _ name: String, line: Int, column: Int, from encoding: String
  ) -> RetortError {
    RetortError(
      "file.encoding", message, remedy: "Convert it first, for instance with iconv -f \(encoding) -t UTF-8.",
      at: Place(file: name, line: line, column: column))
  }
}

/// All bytes of a file; errors call it `name`.
///
/// - Throws: `file.missing`, `file.unreadable` and the like.
func fileBytes(_ path: FilePath, named name: String) throws -> [UInt8] {
  do {
    return try Files.read(path)
  } catch var error as RetortError {
    error.place.file = name
    if error.remedy.isEmpty { error.remedy = "Check the path." }
    throw error
  }
}

/// Writes a file of an attempt's folder, which the store makes durable when it publishes it.
func writeFile(_ bytes: [UInt8], to path: FilePath) throws {
  try Files.replace(path, with: bytes, isDurable: false)
}
