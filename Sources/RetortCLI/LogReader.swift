import Retort

/// Reads a file from its beginning, and again what was added since.
struct LogReader {
  private let path: FilePath
  private let descriptor: FileDescriptor
  private var offset: Int64 = 0
  /// The bytes of a character that is not complete yet.
  private var rest: [UInt8] = []

  init(_ path: FilePath) throws {
    self.path = path
    do {
      descriptor = try FileDescriptor.open(path, .readOnly)
    } catch {
      throw RetortError(
        "logs.unreadable", "The log cannot be read.", at: Place(file: path.string), blame: .environment, cause: error)
    }
  }

  /// What is new, as far as it is whole characters.
  mutating func more() throws -> String {
    var bytes = rest
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    while true {
      let count = try buffer.withUnsafeMutableBytes { try descriptor.read(fromAbsoluteOffset: offset, into: $0) }
      if count == 0 { break }
      bytes += buffer.prefix(count)
      offset += Int64(count)
    }
    // A character of UTF-8 has at most four bytes: the last three may begin one.
    let start = bytes.suffix(3).lastIndex { $0 >= 0xC0 }
    let isCut = start.map { bytes.count - $0 < Self.length(of: bytes[$0]) } ?? false
    rest = isCut ? Array(bytes[(start ?? 0)...]) : []
    return String(decoding: bytes.dropLast(rest.count), as: UTF8.self)
  }

  private static func length(of first: UInt8) -> Int { first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2 }
}
