import Artifacts
import Synchronization

/// What a cache tells about its past: for people, and for programs that only read.
extension Cache {
  /// The newest runs, newest first. One that neither lives nor said how it ended is `lost`.
  public func runs(limit: Int = .max) throws -> [RunRecord] {
    try settle()
    let rows = try index.access { session in try session.runs(count: session.state()?.runs ?? 0, limit: limit) }
    return try rows.map(record)
  }

  public func run(_ id: RunID) throws -> RunRecord? {
    try settle()
    return try index.access { try $0.run(id) }.map(record)
  }

  private func record(_ row: RunRow) throws -> RunRecord {
    guard var outcome = RunOutcome(rawValue: row.outcome) else { throw RetortError.damagedRow }
    let id = RunID(row.id)
    if outcome == .running, try !isAlive(id) { outcome = .lost }
    return RunRecord(
      id: id, request: try row.asked, outcome: outcome, finishedAt: row.finished, ran: Int(row.ran),
      cached: Int(row.cached),
      failed: Int(row.failed))
  }

  /// The steps of a run as it knew them last.
  public func steps(of run: RunID) throws -> [RunStep] {
    try settle()
    return try index.access { session in
      guard let row = try session.run(run) else { return [] }
      return try session.steps(of: row)
    }
  }

  /// All executions of a key, oldest first.
  public func history(of key: Key) throws -> [Execution] { try reading { try $0.history(of: key) } }

  /// One execution of a key.
  public func execution(_ id: Int64?, of key: Key) throws -> Execution? {
    try reading { try $0.execution(id, of: key) }
  }

  /// The executions that gave an artifact, or a whole bundle, oldest first.
  public func producers(of digest: Digest) throws -> [Execution] { try reading { try $0.producers(of: digest) } }

  /// The keys that take a digest as input, attempts without success among them.
  public func consumers(of digest: Digest) throws -> [Key] { try reading { try $0.consumers(of: digest) } }

  /// Asks many questions of one state of the cache, which is quicker than one by one.
  public func reading<Result>(_ body: (CacheSnapshot) throws -> Result) throws -> Result {
    try settle()
    return try index.reading(isLong: true) { try body(CacheSnapshot(session: $0)) }
  }

  /// The failed attempts of a run, in order.
  public func failures(of run: RunID) throws -> [Failure] {
    try settle()
    return try index.access { try $0.failures(of: run) }
  }

  /// Artifacts, bundles and keys whose hexadecimal form begins with `prefix`.
  public func digests(startingWith prefix: String, limit: Int = 20) throws -> (artifacts: [Digest], keys: [Key]) {
    guard let range = DigestRange(prefix: prefix) else { return ([], []) }
    try settle()
    return try index.access { session in
      (
        try session.digests(in: range, table: "product", column: "digest", limit: limit),
        try session.digests(in: range, table: "execution", column: "key", limit: limit).map(Key.init)
      )
    }
  }

  /// Where the files of an artifact lie; nil for one whose bytes are in the index.
  public func location(of digest: Digest) throws -> FilePath? {
    guard let content = try storedContent(digest), content.form != .inline else { return nil }
    return layout.object(digest)
  }

  /// The bytes that each part of the cache takes.
  public func size() throws -> CacheSize {
    try settle()
    let content = try index.access { session in
      let row = try session.statement("SELECT coalesce(sum(bytes), 0) FROM content WHERE form > 0")
      defer { row.reset() }
      return try row.step() ? Int(row.integer(0)) : 0
    }
    let indexBytes = try ["", "-wal", "-shm"].reduce(0) {
      $0 + (try Files.totalBytes(of: FilePath(layout.index.string + $1)))
    }
    return CacheSize(
      artifacts: content, records: indexBytes + (try Files.totalBytes(of: layout.journal)),
      checkpoints: try Files.totalBytes(of: layout.checkpoints), staging: try Files.totalBytes(of: layout.staging),
      logs: try Files.totalBytes(of: layout.logs), quarantine: try Files.totalBytes(of: layout.quarantine))
  }
}

/// One state of a cache, to be used inside `Cache.reading` only.
public struct CacheSnapshot {
  let session: IndexSession

  /// The recipe of a key that was ever executed or attempted.
  public func recipe(of key: Key) throws -> Recipe? { try session.recipe(of: key).map(Recipe.init(bytes:)) }

  /// All executions of a key, oldest first.
  public func history(of key: Key) throws -> [Execution] { try session.executions(of: key).map(\.execution) }

  /// One execution of a key.
  public func execution(_ id: Int64?, of key: Key) throws -> Execution? {
    try session.executions(of: key).first { $0.id == id }?.execution
  }

  /// The executions that gave an artifact, or a whole bundle, oldest first.
  public func producers(of digest: Digest) throws -> [Execution] {
    let names = try session.producers(of: digest)
    return try names.compactMap { try execution($0.id, of: $0.key) }.sorted { $0.id < $1.id }
  }

  /// The keys that take a digest as input, attempts without success among them.
  public func consumers(of digest: Digest) throws -> [Key] { try session.consumers(of: digest) }

  /// The execution that gave `digest` to another one: the one that was recorded, else the newest before it with that digest,
  /// else one that computed it anew after the recorded one was forgotten.
  public func giver(of digest: Digest, to taker: Execution) throws -> Execution? {
    Self.giver(of: digest, to: taker, among: try producers(of: digest))
  }

  /// The same with the executions that gave the digest, oldest first.
  public static func giver(of digest: Digest, to taker: Execution, among makers: [Execution]) -> Execution? {
    let recorded = taker.details.inputs.filter { $0.digest == digest }.map(\.execution)
    return makers.last { recorded.contains($0.id) } ?? makers.last { $0.id < taker.id }
      // A stage that returns its input as it is made nothing anew.
      ?? makers.first { maker in maker.id != taker.id && !maker.details.inputs.contains { $0.digest == digest } }
  }
}

/// The bytes that the parts of a cache take on disk.
public struct CacheSize: Sendable, Hashable, Codable {
  public var artifacts: Int
  /// Journal and index, small artifacts included.
  public var records: Int
  public var checkpoints: Int
  public var staging: Int
  public var logs: Int
  public var quarantine: Int

  public var total: Int { artifacts + records + checkpoints + staging + logs + quarantine }
}
