import Artifacts
import FoundationEssentials

/// The digests whose hexadecimal form begins with some digits.
struct DigestRange {
  let first: Digest
  let last: Digest

  /// Nil for more than 64 digits or anything else than digits.
  init?(prefix: String) {
    let digits = prefix.lowercased()
    let rest = 2 * Digest.byteCount - digits.utf8.count
    guard rest >= 0, let first = Digest(hex: digits + String(repeating: "0", count: rest)),
      let last = Digest(hex: digits + String(repeating: "f", count: rest))
    else { return nil }
    (self.first, self.last) = (first, last)
  }
}

extension IndexSession {
  func producers(of digest: Digest) throws -> [ExecutionName] {
    let row = try statement("SELECT key, id, sum FROM product WHERE digest = ?")
    row.bind(1, digest)
    defer { row.reset() }
    var names: [ExecutionName] = []
    while try row.step() {
      let key = try row.digest(0)
      guard RowSum.product(digest, key, row.integer(1)) == row.integer(2) else { throw RetortError.damagedRow }
      names.append(ExecutionName(key: Key(key), id: row.integer(1)))
    }
    return names
  }

  func consumers(of digest: Digest) throws -> [Key] {
    let row = try statement("SELECT key, sum FROM edge WHERE digest = ?")
    row.bind(1, digest)
    defer { row.reset() }
    var keys: [Key] = []
    while try row.step() {
      let key = try row.digest(0)
      guard RowSum.edge(digest, key) == row.integer(1) else { throw RetortError.damagedRow }
      keys.append(Key(key))
    }
    return keys
  }

  func failures(of run: RunID) throws -> [Failure] {
    let row = try statement("SELECT id, record, sum FROM failure WHERE run = ? ORDER BY id")
    row.bind(1, run.value)
    defer { row.reset() }
    var failures: [Failure] = []
    while try row.step() {
      guard RowSum.failure(row.integer(0), run: run.value, row.blob(1)) == row.integer(2) else {
        throw RetortError.damagedRow
      }
      failures.append(try JSONDecoder().decode(Failure.self, from: Data(row.bytes(1))))
    }
    return failures
  }

  func digests(in range: DigestRange, table: String, column: String, limit: Int) throws -> [Digest] {
    let row = try statement(
      "SELECT DISTINCT \(column) FROM \(table) WHERE \(column) BETWEEN ? AND ? ORDER BY \(column) LIMIT ?")
    row.bind(1, range.first)
    row.bind(2, range.last)
    row.bind(3, Int64(limit))
    defer { row.reset() }
    var digests: [Digest] = []
    while try row.step() { digests.append(try row.digest(0)) }
    return digests
  }
}
