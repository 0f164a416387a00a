import Artifacts

/// Reads the lines of a text file one after the other, in chunks: a file may be larger than memory.
///
/// Lines end with LF or CR LF. A last line without an end counts; nothing after a last line end does not.
public struct LineReader {
  /// What errors call the file: the user's path, also where a copy was read.
  public let name: String
  /// The longest line, in bytes; a longer one is refused, so that a file without line ends cannot fill the memory.
  public static let longest = 64 << 20
  /// The number of the line that was read last, from 1.
  public private(set) var number = 0
  /// Where that line begins in the file, in bytes.
  public private(set) var offset = 0

  private static let chunk = 1 << 20
  private let file: OpenFile?
  private let encoding: TextEncoding
  private let limit: Int
  /// What was read and not yet given out lies in `buffer[start...]`; `searched` of it has no line end.
  private var buffer: [UInt8]
  private var start = 0
  private var searched = 0
  /// Bytes of the file that were read so far.
  private var taken: Int
  private var isBegun = false

  /// Opens a file.
  ///
  /// - Throws: `file.missing`, `file.is-folder`, `file.unreadable` and the like.
  public init(
    reading path: FilePath, named name: String? = nil, encoding: TextEncoding = .utf8, longest: Int = Self.longest
  ) throws {
    let shown = name ?? path.string
    self.name = shown
    self.encoding = encoding
    limit = longest
    file = try namingFile(shown) {
      let file = try OpenFile(path, .reading)
      guard try file.status().kind != .folder else { throw RetortError(.isDirectory, .read, path) }
      return file
    }
    buffer = []
    taken = 0
  }

  /// Takes bytes that were read already.
  public init(bytes: [UInt8], named name: String, encoding: TextEncoding = .utf8, longest: Int = Self.longest) {
    self.name = name
    self.encoding = encoding
    limit = longest
    file = nil
    buffer = bytes
    taken = bytes.count
  }

  /// The next line without its end, in UTF-8; nil after the last.
  ///
  /// - Throws: `file.encoding` with the line and column of the first bad byte, `file.long-line`, `file.unreadable`.
  public mutating func next() throws -> [UInt8]? {
    guard var line = try nextWithEnd() else { return nil }
    if line.last == 10 {
      line.removeLast()
      if line.last == 13 { line.removeLast() }
    } else if line.last == 13 {
      line.removeLast()
    }
    return line
  }

  /// The next line as text.
  ///
  /// - Throws: as `next()`.
  public mutating func nextText() throws -> String? { try next().map { String(decoding: $0, as: UTF8.self) } }

  /// The next line with the LF or CR LF that ends it, in UTF-8.
  private mutating func nextWithEnd() throws -> [UInt8]? {
    if !isBegun { try begin() }
    guard let end = try endOfLine() else { return nil }
    let line = buffer[start..<end]
    number += 1
    offset = taken - (buffer.count - start)
    start = end
    searched = end
    return try encoding.decoded(line, name, line: number)
  }

  /// The place after the next line in the buffer, which is filled as needed; nil where nothing is left.
  private mutating func endOfLine() throws -> Int? {
    while true {
      if let feed = buffer[searched...].firstIndex(of: 10) { return try checked(feed + 1) }
      searched = buffer.count
      _ = try checked(buffer.count)
      if try !fill() { return start < buffer.count ? buffer.count : nil }
    }
  }

  private func checked(_ end: Int) throws -> Int {
    guard end - start <= limit else {
      throw RetortError(
        "file.long-line", "The line has more than \(limit) bytes.",
        remedy: "Check that the file is text with line ends; cut longer texts.",
        at: Place(file: name, line: number + 1))
    }
    return end
  }

  /// Reads a chunk more; false at the end of the file.
  private mutating func fill() throws -> Bool {
    guard let file else { return false }
    if start > 0 {
      buffer.removeSubrange(..<start)
      searched -= start
      start = 0
    }
    let more = try namingFile(name) { try file.read(Self.chunk, at: taken) }
    taken += more.count
    buffer += more
    return !more.isEmpty
  }

  private mutating func begin() throws {
    isBegun = true
    while buffer.count < 3, try fill() {}
    if buffer.starts(with: [0xFF, 0xFE]) || buffer.starts(with: [0xFE, 0xFF]) {
      throw TextEncoding.error("It is UTF-16, not UTF-8.", name, line: 1, column: 1, from: "UTF-16")
    }
    if encoding == .utf8, buffer.starts(with: [0xEF, 0xBB, 0xBF]) { start = 3 }
    searched = start
  }
}

/// Lets errors of file calls name the file as the user does.
func namingFile<Value>(_ name: String, _ body: () throws -> Value) throws -> Value {
  do {
    return try body()
  } catch var error as RetortError {
    error.place.file = name
    if error.remedy.isEmpty { error.remedy = "Check the path." }
    throw error
  }
}
