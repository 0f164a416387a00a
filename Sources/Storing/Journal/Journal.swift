import Artifacts

/// The append-only file of everything that happened to a cache.
///
/// Appends of several processes exclude each other by a lock on its first byte. A frame that a killed process left half
/// written is cut off by the next append; a bad frame with good ones behind it is damage, and nothing more is written.
struct Journal: Sendable {
  /// 16 bytes of name, 8 of version, 8 of a number that tells this journal from another.
  static let headSize = 32
  private static let title = Array("retort journal\n\u{0}".utf8)
  /// Grows when an older program would misread what is written. A new kind of record, or a new layout of one, is a new tag
  /// instead: older programs refuse it by itself, and every tag is read for ever.
  private static let version: UInt64 = 1

  let file: OpenFile
  let generation: UInt64
  /// The end of the last frame that was seen whole, and that frame's checksum.
  private(set) var end: JournalPosition

  /// Opens the journal, making it if `makes`; nil where it is missing and should not be made.
  init?(_ path: FilePath, makes: Bool) throws {
    if try Files.status(of: path)?.bytes ?? 0 < Self.headSize {
      guard makes else { return nil }
      try Self.make(path)
    }
    file = try OpenFile(path, makes ? .updating : .reading)
    let head = try file.read(Self.headSize, at: 0)
    guard head.count == Self.headSize, head.starts(with: Self.title) else { throw Self.damagedHead(path) }
    let numbers = head.withUnsafeBytes {
      ($0.loadUnaligned(fromByteOffset: 16, as: UInt64.self), $0.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
    }
    let version = UInt64(littleEndian: numbers.0)
    guard version >= 1 else { throw Self.damagedHead(path) }
    guard version <= Self.version else {
      throw RetortError(
        "cache.newer",
        "The cache was written by a newer Retort: its journal has version \(version), and this program knows \(Self.version).",
        remedy: "Use the newer program on it, or another cache with --cache DIR. Nothing was changed.",
        at: Place(file: path.string), blame: .environment)
    }
    generation = UInt64(littleEndian: numbers.1)
    end = JournalPosition(offset: Int64(Self.headSize), check: generation)
  }

  private static func damagedHead(_ path: FilePath) -> RetortError {
    RetortError(
      "cache.journal", "This is not a journal of Retort.",
      remedy: "Restore it from a copy, or remove the cache's folder to begin anew.", at: Place(file: path.string),
      blame: .environment)
  }

  private static func make(_ path: FilePath) throws {
    let file = try OpenFile(path, .updating)
    try file.withLock(at: LockByte.append) {
      // Another process may have made it meanwhile.
      guard try file.status().bytes < headSize else { return }
      var head = ByteWriter()
      head.write(version)
      head.write(UInt64.random(in: 1...UInt64.max))
      try file.truncate(to: 0)
      try file.write(title + head.bytes, at: 0)
      try file.sync()
    }
    try Files.syncFolder(path.removingLastComponent())
  }

  /// Goes on from a position that the index has proved: what lies before it is not read again.
  mutating func resume(at position: JournalPosition) { end = position }

  /// The position before the first record.
  var start: JournalPosition { JournalPosition(offset: Int64(Self.headSize), check: generation) }

  /// The size of the file now: beyond `end` others have written.
  func size() throws -> Int64 { Int64(try file.status().bytes) }

  /// Appends records; all of them or none is seen by others.
  ///
  /// - Parameter make: gets the offset of the first record. Called while nobody else can append.
  /// - Returns: the offset of each record.
  mutating func append(isDurable: Bool, _ make: (Int64) throws -> [JournalRecord]) throws -> [Int64] {
    try file.withLock(at: LockByte.append) {
      try settle()
      let records = try make(end.offset)
      var bytes: [UInt8] = []
      var offsets: [Int64] = []
      var check = end.check
      for record in records {
        offsets.append(end.offset + Int64(bytes.count))
        check = Frame.write(try record.payload, after: check, to: &bytes)
      }
      FaultPoint.pass("journal.append")
      do {
        try file.write(bytes, at: Int(end.offset))
        if isDurable { try file.sync() }
      } catch {
        // What was written in part must not be taken for a record; should this fail too, the next append cuts it off.
        try? file.truncate(to: Int(end.offset))
        throw error
      }
      FaultPoint.pass("journal.appended")
      end = JournalPosition(offset: end.offset + Int64(bytes.count), check: check)
      return offsets
    }
  }

  func sync() throws { try file.sync() }

  /// Reads past what others have appended, and cuts off a torn tail. Needs the append lock.
  private mutating func settle() throws {
    let size = try size()
    if size == end.offset { return }
    guard size > end.offset else { throw Self.shortened(file.path) }
    let tail = try read(from: end) { _, _, _ in }
    end = tail.end
    if tail.leftOver > 0 { try file.truncate(to: Int(end.offset)) }
  }

  /// Reads all whole frames from `position` on.
  ///
  /// - Parameter limit: where to end at the latest, between two frames.
  /// - Returns: the end of the last whole frame, and the number of bytes behind it that are none: a record that is being
  ///   written or was torn.
  /// - Throws: where whole frames follow a bad one.
  func read(
    from position: JournalPosition, upTo limit: Int64 = .max,
    _ use: (Int64, JournalPosition, UnsafeRawBufferPointer) throws -> Void
  ) throws -> (end: JournalPosition, leftOver: Int) {
    let size = try size()
    guard size >= position.offset else { throw Self.shortened(file.path) }
    let count = Int(max(0, min(size, limit) - position.offset))
    let bytes = try file.read(count, at: Int(position.offset))
    return try bytes.withUnsafeBytes { raw in
      var offset = 0
      var check = position.check
      while offset < raw.count {
        guard let frame = Frame(raw, at: offset), frame.previous == check else {
          if Frame.next(raw, after: offset) != nil { throw Self.damage(file.path, position.offset + Int64(offset)) }
          break
        }
        let next = JournalPosition(offset: position.offset + Int64(offset + frame.size), check: frame.check)
        try use(position.offset + Int64(offset), next, frame.payload(of: raw, at: offset))
        check = frame.check
        offset += frame.size
      }
      return (JournalPosition(offset: position.offset + Int64(offset), check: check), raw.count - offset)
    }
  }

  private static func damage(_ path: FilePath, _ offset: Int64) -> RetortError {
    RetortError(
      "cache.journal-damaged", "The journal is damaged at byte \(offset).",
      remedy: "Run “retort verify --repair”, which keeps every record that is whole.", at: Place(file: path.string),
      blame: .environment)
  }

  static func shortened(_ path: FilePath) -> RetortError {
    RetortError(
      "cache.journal-shortened", "The journal is shorter than what was read from it before.",
      remedy: "Run “retort verify --repair”, which rebuilds the index from what is there.",
      at: Place(file: path.string), blame: .environment)
  }
}

/// A place between two records of a journal, with the checksum of the record before it.
struct JournalPosition: Sendable, Hashable {
  var offset: Int64
  var check: UInt64
}
