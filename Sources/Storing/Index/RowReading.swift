import Artifacts

/// An execution as it lies in the index.
struct StoredExecution: Sendable {
  var execution: Execution
  /// The outputs whose bytes lie in files of their own.
  var objects: [Digest]

  var id: Int64 { execution.id }
  var key: Key { execution.key }

  init(execution: Execution, objects: [Digest]) {
    self.execution = execution
    self.objects = objects
  }

  init(id: Int64, entry: ExecutionEntry) {
    execution = entry.execution(id: id)
    objects = entry.outputs.filter { $0.form != .inline }.map(\.record.digest)
  }
}

extension IndexSession {
  /// All executions of a key, oldest first.
  func executions(of key: Key) throws -> [StoredExecution] {
    var found: [StoredExecution] = []
    try forEachExecutions(of: CollectionOfOne(key)) { _, executions in swap(&found, &executions) }
    return found
  }

  /// Reads the executions of many keys with one statement. Each key comes in turn, also one without any, with its
  /// executions, oldest first.
  func forEachExecutions(
    of keys: some Sequence<Key>, _ use: (Key, inout [StoredExecution]) throws -> Void
  ) throws {
    let row = try statement(
      """
      SELECT id, stage, run, started, seconds, profile, outputs, details, sum FROM execution WHERE key = ? ORDER BY id
      """)
    defer { row.reset() }
    var found: [StoredExecution] = []
    for key in keys {
      found.removeAll(keepingCapacity: true)
      row.reset()
      row.bind(1, key.digest)
      while try row.step() { found.append(try execution(row, of: key)) }
      try use(key, &found)
    }
  }

  private func execution(_ row: IndexStatement, of key: Key) throws -> StoredExecution {
    let (id, stageID, run, profileID) = (row.integer(0), row.integer(1), row.integer(2), row.integer(5))
    let (started, seconds) = (row.double(3), row.double(4))
    let (outputs, rest) = (row.blob(6), row.blob(7))
    let sum = RowSum.execution(
      key.digest, id, stage: stageID, run: run, started: started, seconds: seconds, profile: profileID,
      outputs: outputs, details: rest)
    guard sum == row.integer(8) else { throw RetortError.damagedRow }
    var reader = ByteReader(rest)
    var details = ExecutionDetails(startedAt: started, seconds: seconds, profile: try profile(profileID))
    try reader.readRest(of: &details)
    reader = ByteReader(outputs)
    let count = try reader.readCount(of: ByteReader.smallestOutput)
    var ports: [(name: String, record: ArtifactRecord)] = []
    var objects: [Digest] = []
    ports.reserveCapacity(count)
    for _ in 0..<count {
      let output = try reader.readOutput(facts)
      ports.append((output.port, output.record))
      if output.form != .inline { objects.append(output.record.digest) }
    }
    return StoredExecution(
      execution: Execution(
        id: id, key: key, stage: try stage(stageID), run: RunID(run), details: details, ports: ports),
      objects: objects)
  }

  /// The keys of all executions.
  func executedKeys() throws -> [Key] {
    let row = try statement("SELECT key FROM execution")
    defer { row.reset() }
    var keys: [Key] = []
    while try row.step() { keys.append(Key(try row.digest(0))) }
    return keys
  }

  func content(_ digest: Digest) throws -> StoredContent? {
    let row = try statement("SELECT form, bytes, data, sum FROM content WHERE digest = ?")
    row.bind(1, digest)
    defer { row.reset() }
    guard try row.step() else { return nil }
    let sum = RowSum.content(digest, form: row.integer(0), bytes: row.integer(1), data: row.blob(2))
    guard sum == row.integer(3), let form = ContentForm(rawValue: UInt8(truncatingIfNeeded: row.integer(0))) else {
      throw RetortError.damagedRow
    }
    return StoredContent(form: form, bytes: Int(row.integer(1)), data: row.bytes(2))
  }

  func recipe(of key: Key) throws -> [UInt8]? {
    let row = try statement("SELECT stage, bytes, sum FROM recipe WHERE key = ?")
    row.bind(1, key.digest)
    defer { row.reset() }
    guard try row.step() else { return nil }
    guard RowSum.recipe(key.digest, stage: row.integer(0), row.blob(1)) == row.integer(2) else {
      throw RetortError.damagedRow
    }
    return row.bytes(1)
  }

  /// The decoded steps of a run.
  func steps(of run: RunRow) throws -> [RunStep] {
    run.steps == Self.noSteps ? [] : try StepsCoding.decode(try stepsBytes(of: run))
  }

  /// The steps of a run as they are stored.
  func stepsBytes(of run: RunRow) throws -> [UInt8] {
    if run.steps == Self.noSteps { return Self.noStepsBytes }
    guard let blob = try steps(run.steps) else {
      throw RetortError.damagedIndex("The steps of run \(run.id) are missing in the index.")
    }
    return blob
  }

  private static let noStepsBytes = StepsCoding.encode([])
  static let noSteps = Digest(of: noStepsBytes)

  func steps(_ digest: Digest) throws -> [UInt8]? {
    let row = try statement("SELECT bytes, sum FROM steps WHERE digest = ?")
    row.bind(1, digest)
    defer { row.reset() }
    guard try row.step() else { return nil }
    guard RowSum.steps(digest, row.blob(0)) == row.integer(1) else { throw RetortError.damagedRow }
    return row.bytes(0)
  }

  func hasSteps(_ digest: Digest) throws -> Bool {
    let row = try statement("SELECT 1 FROM steps WHERE digest = ?")
    row.bind(1, digest)
    defer { row.reset() }
    return try row.step()
  }

  func run(_ id: RunID) throws -> RunRow? {
    let row = try statement(
      "SELECT id, pipeline, request, steps, outcome, finished, ran, cached, failed, sum FROM run WHERE id = ?")
    row.bind(1, id.value)
    defer { row.reset() }
    return try row.step() ? try runRow(row) : nil
  }

  /// The first `count` runs, newest first. Others may have begun since they were counted.
  func runs(count: Int64, limit: Int = .max) throws -> [RunRow] {
    var found: [RunRow] = []
    guard limit > 0 else { return found }
    try forEachRun(count: count) { run in
      found.append(run)
      return found.count < limit
    }
    return found
  }

  /// The first `count` runs, newest first, until `use` says that it needs no more. None is ever removed, so their ids have
  /// no gaps: a missing one is damage.
  func forEachRun(count: Int64, _ use: (RunRow) throws -> Bool) throws {
    let row = try statement(
      """
      SELECT id, pipeline, request, steps, outcome, finished, ran, cached, failed, sum FROM run WHERE id <= ?
      ORDER BY id DESC
      """)
    row.bind(1, count)
    defer { row.reset() }
    var expected = count
    while try row.step() {
      let run = try runRow(row)
      guard run.id == expected else { throw RetortError.damagedIndex("A run is missing in the index.") }
      expected -= 1
      guard try use(run) else { return }
    }
    guard expected == 0 else { throw RetortError.damagedIndex("A run is missing in the index.") }
  }

  private func runRow(_ row: IndexStatement) throws -> RunRow {
    let run = RunRow(
      id: row.integer(0), pipeline: try row.text(1), request: row.bytes(2), steps: try row.digest(3),
      outcome: try row.text(4), finished: row.isNull(5) ? nil : row.double(5), ran: row.integer(6),
      cached: row.integer(7), failed: row.integer(8))
    guard run.sum == row.integer(9) else { throw RetortError.damagedRow }
    return run
  }

  func pins(of run: RunID) throws -> [Key] {
    let row = try statement("SELECT key, sum FROM pin WHERE run = ?")
    row.bind(1, run.value)
    defer { row.reset() }
    var keys: [Key] = []
    while try row.step() {
      let digest = try row.digest(0)
      guard RowSum.pin(run.value, digest) == row.integer(1) else { throw RetortError.damagedRow }
      keys.append(Key(digest))
    }
    return keys
  }
}
