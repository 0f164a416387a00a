import Artifacts
import CSQLite

/// A prepared statement with its columns read without detours: ten thousand lookups are one run's planning.
final class IndexStatement {
  private let raw: OpaquePointer
  private let connection: SQLiteConnection

  init(_ connection: SQLiteConnection, _ sql: String) throws {
    self.connection = connection
    var prepared: OpaquePointer?
    let code = sqlite3_prepare_v3(connection.handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
    guard code == SQLITE_OK, let prepared else { throw SQLiteFailure(connection.handle, code) }
    raw = prepared
  }

  deinit { sqlite3_finalize(raw) }

  /// Binds nothing yet; forgets what was bound before.
  func reset() { sqlite3_reset(raw) }

  func bind(_ column: Int32, _ value: Int64) { sqlite3_bind_int64(raw, column, value) }
  func bind(_ column: Int32, _ value: Double) { sqlite3_bind_double(raw, column, value) }
  func bindNull(_ column: Int32) { sqlite3_bind_null(raw, column) }

  func bind(_ column: Int32, _ digest: Digest) {
    digest.withBytes { _ = sqlite3_bind_blob(raw, column, $0.baseAddress, Int32($0.count), transient) }
  }

  func bind(_ column: Int32, _ bytes: [UInt8]) {
    bytes.withUnsafeBytes { buffer in
      if buffer.isEmpty {
        _ = sqlite3_bind_zeroblob(raw, column, 0)
      } else {
        _ = sqlite3_bind_blob(raw, column, buffer.baseAddress, Int32(buffer.count), transient)
      }
    }
  }

  func bind(_ column: Int32, _ text: String) {
    var text = text
    text.withUTF8 { buffer in
      guard !buffer.isEmpty else { return _ = sqlite3_bind_text(raw, column, "", 0, transient) }
      buffer.withMemoryRebound(to: CChar.self) {
        _ = sqlite3_bind_text(raw, column, $0.baseAddress, Int32($0.count), transient)
      }
    }
  }

  /// Moves to the next row; false at the end.
  func step() throws -> Bool {
    switch sqlite3_step(raw) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code:
      let failure = SQLiteFailure(connection.handle, code)
      sqlite3_reset(raw)
      throw failure
    }
  }

  /// Runs a statement that gives no rows.
  func run() throws {
    defer { reset() }
    while try step() {}
  }

  /// Adds a column, its type included, to a checksum.
  func add(_ column: Int32, to sum: inout Checksum) {
    let type = sqlite3_column_type(raw, column)
    sum.add(Int64(type))
    switch type {
    case SQLITE_INTEGER: sum.add(integer(column))
    case SQLITE_FLOAT: sum.add(double(column))
    case SQLITE_NULL: break
    default: sum.add(blob(column))
    }
  }

  var columnCount: Int32 { sqlite3_column_count(raw) }

  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(raw, column) }
  func double(_ column: Int32) -> Double { sqlite3_column_double(raw, column) }
  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(raw, column) == SQLITE_NULL }

  /// The bytes of a column, valid until the next step.
  func blob(_ column: Int32) -> UnsafeRawBufferPointer {
    let start = sqlite3_column_blob(raw, column)
    return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(raw, column)))
  }

  func bytes(_ column: Int32) -> [UInt8] { Array(blob(column)) }

  func digest(_ column: Int32) throws -> Digest {
    guard let digest = Digest(blob(column)) else { throw RetortError.damagedRow }
    return digest
  }

  func text(_ column: Int32) throws -> String {
    guard let start = sqlite3_column_text(raw, column) else { throw RetortError.damagedRow }
    let buffer = UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(raw, column)))
    guard let text = String(validating: buffer, as: UTF8.self) else { throw RetortError.damagedRow }
    return text
  }
}

/// Tells SQLite to copy what is bound.
private let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
extension RetortError {
  static var damagedRow: RetortError { .damagedIndex("A row of the index is damaged.") }
}
