#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The lines of stdin as bytes, without the line feeds that end them.
struct InputLines {
  private var buffer: [UInt8] = []
  private var start = 0
  private var isAtEnd = false
  /// Lines given so far.
  private(set) var count = 0

  mutating func next() -> [UInt8]? {
    var searched = start
    while true {
      if let end = buffer[searched...].firstIndex(of: 0x0A) {
        defer { start = end + 1 }
        count += 1
        return Array(buffer[start..<end])
      }
      searched = buffer.count - start
      if isAtEnd {
        guard start < buffer.count else { return nil }
        defer { start = buffer.count }
        count += 1
        return Array(buffer[start...])
      }
      buffer.removeSubrange(..<start)
      start = 0
      fill()
    }
  }

  private mutating func fill() {
    let piece = 1 << 16
    let filled = buffer.count
    buffer.append(contentsOf: repeatElement(0, count: piece))
    let got = buffer.withUnsafeMutableBytes { raw in
      while true {
        let count = read(STDIN_FILENO, raw.baseAddress.map { $0 + filled }, piece)
        if count >= 0 || errno != EINTR { return count }
      }
    }
    buffer.removeLast(piece - max(0, got))
    isAtEnd = got <= 0
  }
}
