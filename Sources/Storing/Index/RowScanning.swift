import Artifacts

extension IndexSession {
  /// All executions, in order of their keys.
  func forEachExecution(_ use: (StoredExecution) throws -> Void) throws {
    var keys: [Key] = []
    let row = try statement("SELECT DISTINCT key FROM execution ORDER BY key")
    defer { row.reset() }
    while try row.step() { keys.append(Key(try row.digest(0))) }
    try forEachExecutions(of: keys) { _, executions in for execution in executions { try use(execution) } }
  }

  /// All content, without the bytes themselves.
  func forEachContent(_ use: (Digest, ContentForm, Int) throws -> Void) throws {
    let row = try statement("SELECT digest, form, bytes, data, sum FROM content ORDER BY digest")
    defer { row.reset() }
    while try row.step() {
      let digest = try row.digest(0)
      let sum = RowSum.content(digest, form: row.integer(1), bytes: row.integer(2), data: row.blob(3))
      guard sum == row.integer(4), let form = ContentForm(rawValue: UInt8(truncatingIfNeeded: row.integer(1))) else {
        throw RetortError.damagedRow
      }
      try use(digest, form, Int(row.integer(2)))
    }
  }

  /// Lets SQLite look over its own structure.
  ///
  /// - Parameter quickly: leaves out the comparison of tables with their indexes.
  func checkStructure(quickly: Bool) throws {
    let row = try statement(quickly ? "PRAGMA quick_check(1)" : "PRAGMA integrity_check(1)")
    defer { row.reset() }
    guard try row.step() else { return }
    let verdict = try row.text(0)
    guard verdict == "ok" else { throw RetortError.damagedIndex("The index is damaged: \(verdict)") }
  }

  /// A checksum over every row of each table that follows from the journal.
  func fingerprints() throws -> [String: UInt64] {
    var result: [String: UInt64] = [:]
    for (table, order) in Self.derivedTables {
      let row = try statement("SELECT * FROM \(table) ORDER BY \(order)")
      defer { row.reset() }
      var sum = Checksum(seed: 0)
      while try row.step() {
        for column in 0..<row.columnCount { row.add(column, to: &sum) }
      }
      result[table] = sum.value
    }
    return result
  }

  /// Tables and the columns that order their rows; what the user's files hashed to does not follow from the journal.
  private static let derivedTables = [
    ("state", "id"), ("stage", "id"), ("profile", "id"), ("recipe", "key"), ("edge", "digest, key"),
    ("execution", "key, id"), ("product", "digest, key, id"), ("content", "digest"), ("steps", "digest"),
    ("run", "id"), ("pin", "run, key"), ("failure", "id"),
  ]
}
