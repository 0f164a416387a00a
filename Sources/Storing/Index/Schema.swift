import Artifacts
import GRDB

/// The tables of the index. Every row ends in a checksum of its other columns.
///
/// `key` and `digest` columns hold the 32 bytes of a SHA-256.
enum Schema {
  /// The version in the file's `user_version`; it grows with each migration.
  static let version = 1
  static let applicationID: Int32 = 0x5245_544F  // “RETO”

  static let migrations: [[String]] = [
    [
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
  ]

  /// Brings a database to the current version; a current one costs two reads.
  static func migrate(_ db: Database) throws {
    let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    guard found != version else { return try check(db) }
    guard found < version else {
      throw RetortError(
        "cache.newer", "The index was written by a newer Retort (version \(found), this one knows \(version)).",
        remedy: "Use the newer version on this cache.", blame: .environment)
    }
    try db.inTransaction(.immediate) {
      let current = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
      for step in migrations[min(max(current, 0), version)...] {
        for statement in step { try db.execute(sql: statement) }
      }
      try db.execute(sql: "PRAGMA user_version = \(version)")
      try db.execute(sql: "PRAGMA application_id = \(applicationID)")
      return .commit
    }
    try check(db)
  }

  /// Compares the schema with the one that this code writes: a flipped bit there could make rows seem to be missing.
  private static func check(_ db: Database) throws {
    let found = try String.fetchAll(db, sql: "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")
    guard found == migrations.flatMap({ $0 }) else {
      throw RetortError.damagedIndex("The schema of the index is damaged.")
    }
  }
}
