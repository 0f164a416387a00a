import CSQLite

/// An error of SQLite.
struct SQLiteFailure: Error, CustomStringConvertible {
  /// The extended code.
  let code: Int32
  let message: String

  init(_ handle: OpaquePointer?, _ code: Int32) {
    let extended = handle.map { sqlite3_extended_errcode($0) } ?? code
    // A code that says more of the same error, or the one that the call gave.
    self.code = extended & 0xFF == code & 0xFF ? extended : code
    message = String(cString: handle.map { sqlite3_errmsg($0) } ?? sqlite3_errstr(code))
  }

  /// The code without what it says beyond the kind.
  var kind: Int32 { code & 0xFF }

  /// Whether another connection is at work on the database.
  var isBusy: Bool { kind == SQLITE_BUSY || kind == SQLITE_LOCKED }

  var description: String { "SQLite: \(message) (\(code))" }
}
