import Artifacts
import CSQLite

/// A connection to an SQLite database, for one thread at a time.
final class SQLiteConnection {
  let handle: OpaquePointer

  /// Opens a database, and makes it where there is none.
  ///
  /// - Parameter path: nil for one in memory.
  init(_ path: FilePath?) throws {
    var opened: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
    let code = sqlite3_open_v2(path?.string ?? ":memory:", &opened, flags, nil)
    guard code == SQLITE_OK, let opened else {
      defer { sqlite3_close_v2(opened) }
      throw SQLiteFailure(opened, code)
    }
    handle = opened
    sqlite3_extended_result_codes(handle, 1)
  }

  /// What is still prepared closes with the last statement.
  deinit { sqlite3_close_v2(handle) }

  /// How long a statement waits for other processes before it fails.
  func waits(milliseconds: Int32) { sqlite3_busy_timeout(handle, milliseconds) }

  /// Runs statements that give no rows.
  func execute(_ sql: String) throws {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw SQLiteFailure(handle, code) }
  }

  /// Runs `body` in a transaction that begins by taking the write lock, and takes back what it did where it throws.
  func transaction(_ body: () throws -> Void) throws {
    try execute("BEGIN IMMEDIATE")
    do {
      try body()
      try execute("COMMIT")
    } catch {
      // SQLite has ended the transaction itself where it had to.
      if sqlite3_get_autocommit(handle) == 0 { try? execute("ROLLBACK") }
      throw error
    }
  }

  /// Moves the whole write-ahead log into the database, and empties it.
  func emptyLog() throws {
    let code = sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
    guard code == SQLITE_OK else { throw SQLiteFailure(handle, code) }
  }
}
