import Artifacts

extension Journal {
  /// Rewrites a damaged journal with every record that is whole, each at its old offset.
  ///
  /// The caller makes sure that nobody else has the journal open.
  /// - Returns: the number of bytes that were lost; 0 where nothing had to be done.
  static func repair(_ path: FilePath) throws -> Int {
    let bytes = try Files.read(path)
    guard bytes.count >= headSize, let journal = try Journal(path, makes: false) else { return 0 }
    var repaired = Array(bytes[..<headSize])
    repaired.reserveCapacity(bytes.count)
    var lost = 0
    var isChanged = false
    var check = journal.generation
    try bytes.withUnsafeBytes { raw in
      var offset = headSize
      while offset < raw.count {
        if let frame = Frame(raw, at: offset) {
          isChanged = isChanged || frame.previous != check
          check = Frame.write(Array(frame.payload(of: raw, at: offset)), after: check, to: &repaired)
          offset += frame.size
          continue
        }
        guard let next = Frame.next(raw, after: offset) else {
          // A torn tail: the next append would have cut it off.
          lost += raw.count - offset
          isChanged = true
          return
        }
        let filler = JournalRecord.lost(bytes: next - offset - Frame.headSize - JournalRecord.lostOverhead)
        check = Frame.write(try filler.payload, after: check, to: &repaired)
        lost += next - offset
        isChanged = true
        offset = next
      }
    }
    if isChanged { try Files.replace(path, with: repaired) }
    return lost
  }
}

extension JournalRecord {
  /// The bytes of a `lost` record beside its filling.
  static let lostOverhead = 5
}
