import Artifacts

/// The tables of the index. Every row ends in a checksum of its other columns.
///
/// `key` and `digest` columns hold the 32 bytes of a SHA-256.
enum Schema {
  /// The version in the file's `user_version`. Raise it with every change of the tables or of what their columns mean:
  /// an index of another version is made anew from the journal (decision 0026).
  static let version = 1
  static let applicationID: Int32 = 0x5245_544F  // “RETO”

  static let statements = [
    // How far the journal is applied, and counts that are asked for at once.
    """
    CREATE TABLE state (
      id INTEGER PRIMARY KEY CHECK (id = 1), generation INTEGER NOT NULL, offset INTEGER NOT NULL,
      chain INTEGER NOT NULL, runs INTEGER NOT NULL, forgotten INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT
    """,
    "CREATE TABLE stage (id INTEGER PRIMARY KEY, name TEXT NOT NULL, version INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT",
    """
    CREATE TABLE profile (
      id INTEGER PRIMARY KEY, kernels TEXT NOT NULL, blas TEXT NOT NULL, build TEXT NOT NULL, sum INTEGER NOT NULL
    ) STRICT
    """,
    // What a key stands for; also of attempts that never ended.
    """
    CREATE TABLE recipe (
      key BLOB PRIMARY KEY, stage INTEGER NOT NULL REFERENCES stage, bytes BLOB NOT NULL, sum INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    // Which keys take a digest as input.
    """
    CREATE TABLE edge (
      digest BLOB NOT NULL, key BLOB NOT NULL, sum INTEGER NOT NULL, PRIMARY KEY (digest, key)
    ) STRICT, WITHOUT ROWID
    """,
    // Successes; a key may have several. `id` is the offset of the record in the journal.
    """
    CREATE TABLE execution (
      key BLOB NOT NULL, id INTEGER NOT NULL, stage INTEGER NOT NULL REFERENCES stage, run INTEGER NOT NULL,
      started REAL NOT NULL, seconds REAL NOT NULL, profile INTEGER NOT NULL REFERENCES profile,
      outputs BLOB NOT NULL, details BLOB NOT NULL, sum INTEGER NOT NULL, PRIMARY KEY (key, id)
    ) STRICT, WITHOUT ROWID
    """,
    // Which executions gave a digest, the digest of a whole bundle included.
    """
    CREATE TABLE product (
      digest BLOB NOT NULL, key BLOB NOT NULL, id INTEGER NOT NULL, sum INTEGER NOT NULL,
      PRIMARY KEY (digest, key, id)
    ) STRICT, WITHOUT ROWID
    """,
    // Where content lies: small values here (form 0), files (1) and folders with their manifest (2) in `objects`.
    """
    CREATE TABLE content (
      digest BLOB PRIMARY KEY, form INTEGER NOT NULL, bytes INTEGER NOT NULL, data BLOB NOT NULL,
      sum INTEGER NOT NULL) STRICT
    """,
    "CREATE TABLE steps (digest BLOB PRIMARY KEY, bytes BLOB NOT NULL, sum INTEGER NOT NULL) STRICT",
    """
    CREATE TABLE run (
      id INTEGER PRIMARY KEY, pipeline TEXT NOT NULL, request BLOB NOT NULL, steps BLOB NOT NULL,
      outcome TEXT NOT NULL, finished REAL, ran INTEGER NOT NULL, cached INTEGER NOT NULL, failed INTEGER NOT NULL,
      sum INTEGER NOT NULL) STRICT
    """,
    """
    CREATE TABLE pin (
      run INTEGER NOT NULL, key BLOB NOT NULL, sum INTEGER NOT NULL, PRIMARY KEY (run, key)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE TABLE failure (id INTEGER PRIMARY KEY, run INTEGER NOT NULL, record BLOB NOT NULL, sum INTEGER NOT NULL) STRICT",
    "CREATE INDEX failure_run ON failure (run)",
    // What the user's files hashed to: forgotten with the index, at the cost of reading them again.
    """
    CREATE TABLE source (
      path TEXT PRIMARY KEY, bytes INTEGER NOT NULL, modified INTEGER NOT NULL, changed INTEGER NOT NULL,
      inode INTEGER NOT NULL, device INTEGER NOT NULL, digest BLOB NOT NULL, sum INTEGER NOT NULL) STRICT
    """,
  ]

  /// Makes the tables in an empty database, and makes sure that any other has exactly them. A current one costs two reads.
  ///
  /// - Throws: `cache.newer`, and `cache.index-older` for one that has to be made anew.
  static func prepare(_ connection: SQLiteConnection) throws {
    var found = try version(of: connection)
    if found == 0 {
      try connection.transaction {
        // Another process may have made them meanwhile.
        guard try version(of: connection) == 0, try isEmpty(connection) else { return }
        for statement in statements { try connection.execute(statement) }
        try connection.execute("PRAGMA user_version = \(version); PRAGMA application_id = \(applicationID)")
      }
      found = try version(of: connection)
    }
    guard found >= version else { throw older(found) }
    guard found == version else { throw newer(found) }
    try check(connection)
  }

  private static func version(of connection: SQLiteConnection) throws -> Int {
    let row = try IndexStatement(connection, "PRAGMA user_version")
    return try row.step() ? Int(row.integer(0)) : 0
  }

  private static func isEmpty(_ connection: SQLiteConnection) throws -> Bool {
    try !IndexStatement(connection, "SELECT 1 FROM sqlite_schema").step()
  }

  /// Compares the schema with the one that this code writes: a flipped bit there could make rows seem to be missing.
  private static func check(_ connection: SQLiteConnection) throws {
    let row = try IndexStatement(connection, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")
    var isWhole = true
    for statement in statements where isWhole { isWhole = try row.step() && row.text(0) == statement }
    guard try isWhole && !row.step() else { throw RetortError.damagedIndex("The schema of the index is damaged.") }
  }
}
