#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Cuts a stream of bytes into lines, in bounded memory.
///
/// What a carriage return would overwrite on a terminal, as progress bars do, is left out. A line that is longer than the
/// limit comes in pieces. Bytes that are no UTF-8 become U+FFFD.
struct LineBreaker {
  static let limit = 16 << 10
  private var pending: [UInt8] = []

  /// Takes the next bytes, and hands over the lines that they complete.
  mutating func add(_ bytes: UnsafeRawBufferPointer, _ line: (String) -> Void) {
    var rest = bytes[...]
    while let base = rest.isEmpty ? nil : bytes.baseAddress?.advanced(by: rest.startIndex),
      let found = memchr(base, 10, rest.count)
    {
      let end = rest.startIndex + base.distance(to: UnsafeRawPointer(found))
      append(rest[rest.startIndex..<end], line)
      finish(line)
      rest = rest[(end + 1)...]
    }
    append(rest, line)
  }

  /// Hands over what is left at the end of the stream.
  mutating func end(_ line: (String) -> Void) {
    if !pending.isEmpty { finish(line) }
  }

  private mutating func append(_ bytes: Slice<UnsafeRawBufferPointer>, _ line: (String) -> Void) {
    var rest = bytes
    while !rest.isEmpty {
      let room = Self.limit - pending.count
      pending.append(contentsOf: rest.prefix(room))
      rest = rest.dropFirst(room)
      if pending.count == Self.limit { makeRoom(line) }
    }
  }

  /// The line is full: what will be overwritten goes, or else its beginning is handed over.
  private mutating func makeRoom(_ line: (String) -> Void) {
    if let last = pending.dropLast().lastIndex(of: 13) {
      pending.removeSubrange(...last)
      return
    }
    // Not in the middle of a character.
    let end = pending.indices.suffix(4).last { pending[$0] & 0xC0 != 0x80 } ?? pending.endIndex
    let cut = pending[end...].first.map { $0 >= 0xC0 } ?? false ? end : pending.endIndex
    line(String(decoding: pending[..<cut], as: UTF8.self))
    pending.removeSubrange(..<cut)
  }

  private mutating func finish(_ line: (String) -> Void) {
    if pending.last == 13 { pending.removeLast() }
    let start = pending.lastIndex(of: 13).map { $0 + 1 } ?? 0
    line(String(decoding: pending[start...], as: UTF8.self))
    pending.removeAll(keepingCapacity: true)
  }
}
