import Artifacts
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The SQLite database derived from the journal. One connection a process; all access is in turn.
final class Index: @unchecked Sendable {
  let path: FilePath
  private let turn = Mutex(())
  /// Touched in turn only; nil once it is closed.
  private var session: IndexSession?
  private static let patience: Int32 = 60_000

  init(_ path: FilePath) throws {
    self.path = path
    do {
      try Schema.refuseNewer(path)
      session = IndexSession(try Self.open(path))
    } catch {
      throw RetortError.index(error, at: path)
    }
  }

  /// An index in memory, for a cache that cannot be written.
  init(inMemoryFor path: FilePath) throws {
    self.path = path
    do {
      session = IndexSession(try Self.connect(nil))
    } catch {
      throw RetortError.index(error, at: path)
    }
  }

  /// Of processes that make a database at once, SQLite refuses some without waiting: each holds what another wants. They
  /// come again.
  private static func open(_ path: FilePath) throws -> SQLiteConnection {
    let end = ContinuousClock.now + .milliseconds(Int(patience))
    while true {
      do {
        return try connect(path)
      } catch let failure as SQLiteFailure where failure.isBusy && ContinuousClock.now < end {
        usleep(.random(in: 1_000...10_000))
      }
    }
  }

  private static func connect(_ path: FilePath?) throws -> SQLiteConnection {
    let connection = try SQLiteConnection(path)
    connection.waits(milliseconds: patience)
    // A loss of power may take the last transactions, never the file's integrity; the journal has them. Checkpoints wait
    // for the journal: see `emptyLog`.
    let onDisk = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0;"
    let everywhere = "PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON; PRAGMA cache_size = -65536;"
    try connection.execute(path == nil ? everywhere : onDisk + everywhere)
    try Schema.prepare(connection)
    return connection
  }

  /// Runs `body` with the connection; statements and interned values stay prepared between calls.
  func access<Result>(_ body: (IndexSession) throws -> Result) throws -> Result {
    var result: Swift.Result<Result, any Error>?
    turn.withLock { _ in
      result = Swift.Result {
        guard let session else { throw RetortError.damagedIndex("The index was closed.") }
        return try body(session)
      }
    }
    do {
      guard let result else { throw RetortError.damagedIndex("A question got no answer.") }
      return try result.get()
    } catch {
      throw RetortError.index(error, at: path)
    }
  }

  /// The same; a long one sees one state of the tables, and its statements do not each take and free the locks.
  func reading<Result>(isLong: Bool, _ body: (IndexSession) throws -> Result) throws -> Result {
    try access { session in
      guard isLong else { return try body(session) }
      try session.statement("BEGIN DEFERRED").run()
      // Nothing was written: there is nothing that ending the transaction could lose.
      defer { try? session.statement("COMMIT").run() }
      return try body(session)
    }
  }

  /// The same in a transaction that begins by taking the write lock, so that it cannot fail half-way for another writer.
  func transaction<Result>(_ body: (IndexSession) throws -> Result) throws -> Result {
    try access { session in
      var result: Result?
      do {
        try session.connection.transaction {
          result = try body(session)
          FaultPoint.pass("index.commit")
        }
      } catch {
        session.forgetInterned()
        throw error
      }
      FaultPoint.pass("index.committed")
      guard let result else { throw RetortError.damagedIndex("A transaction gave no result.") }
      return result
    }
  }

  /// Applies what the journal holds beyond what was applied, in one transaction.
  ///
  /// - Parameter limit: where to end at the latest, between two records.
  /// - Returns: how far the journal is applied now.
  func catchUp(with journal: Journal, upTo limit: Int64 = .max) throws -> IndexState {
    let known = try access { try $0.state() }
    if let known {
      try known.check(against: journal)
      if try min(journal.size(), limit) <= known.position.offset { return known }
    }
    return try transaction { session in
      var state = try session.state() ?? IndexState(startOf: journal)
      try state.check(against: journal)
      let (end, _) = try journal.read(from: state.position, upTo: limit) { offset, _, payload in
        try session.apply(try JournalRecord(payload), at: offset, to: &state)
      }
      state.position = end
      try session.save(state)
      return state
    }
  }

  /// Moves the write-ahead log into the database and closes the file, so that it can be renamed.
  func closeCleanly() throws {
    try access { try $0.connection.emptyLog() }
    turn.withLock { _ in session = nil }
  }

  private var log: FilePath { FilePath(path.string + "-wal") }

  /// Whether the write-ahead log may hold anything.
  var hasLog: Bool { ((try? Files.status(of: log))?.bytes ?? 0) > 0 }

  /// Empties a write-ahead log that the next process would have to read through before its first question. Left to
  /// another time where somebody reads the index just now.
  ///
  /// The journal goes to disk first: the database must never know of a record that a loss of power took from the journal.
  func emptyLog(over bytes: Int, _ journal: Journal) throws {
    guard let status = try Files.status(of: log), status.bytes > bytes else { return }
    try journal.sync()
    try access { session in
      session.connection.waits(milliseconds: 0)
      defer { session.connection.waits(milliseconds: Self.patience) }
      do {
        try session.connection.emptyLog()
      } catch let failure as SQLiteFailure where failure.isBusy {
        return
      }
    }
  }
}

/// How far the journal is applied to the index, with counts that are asked for at once.
struct IndexState: Sendable, Hashable {
  var generation: UInt64
  var position: JournalPosition
  /// The number of runs, which is also the newest run's id.
  var runs: Int64
  /// How often something was forgotten: while it stands still, what was found before is still there.
  var forgotten: Int64

  init(startOf journal: Journal) {
    self.init(generation: journal.generation, position: journal.start, runs: 0, forgotten: 0)
  }

  init(generation: UInt64, position: JournalPosition, runs: Int64, forgotten: Int64) {
    self.generation = generation
    self.position = position
    self.runs = runs
    self.forgotten = forgotten
  }

  func check(against journal: Journal) throws {
    guard generation == journal.generation else {
      throw RetortError.damagedIndex("The index belongs to another journal than the one beside it.")
    }
    guard try journal.size() >= position.offset else { throw Journal.shortened(journal.file.path) }
  }

  var sum: Int64 {
    var sum = Checksum(seed: RowSalt.state)
    sum.add(generation)
    sum.add(position.offset)
    sum.add(position.check)
    sum.add(runs)
    sum.add(forgotten)
    return sum.signed
  }
}

/// Where a row's checksum begins: a row that strays into another table does not pass.
enum RowSalt {
  static let state: UInt64 = 1
  static let stage: UInt64 = 2
  static let profile: UInt64 = 3
  static let recipe: UInt64 = 4
  static let edge: UInt64 = 5
  static let execution: UInt64 = 6
  static let product: UInt64 = 7
  static let content: UInt64 = 8
  static let steps: UInt64 = 9
  static let run: UInt64 = 10
  static let pin: UInt64 = 11
  static let failure: UInt64 = 12
  static let source: UInt64 = 13
}
