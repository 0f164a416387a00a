import Artifacts
import FoundationEssentials

extension IndexSession {
  /// Adds one record of the journal to the tables. The only way in which they change, but for remembered sources.
  func apply(_ record: JournalRecord, at offset: Int64, to state: inout IndexState) throws {
    switch record {
    case .began(let run, let request, let steps):
      guard run.value > state.runs else { throw RetortError.damaged("The runs in the journal are not in order.") }
      for missing in (state.runs + 1)..<run.value { try save(.lost(missing)) }
      state.runs = run.value
      try save(
        RunRow(
          id: run.value, pipeline: request.pipeline, request: request.json,
          steps: try known(steps) ?? Self.noSteps, outcome: RunOutcome.running.rawValue, finished: nil, ran: 0,
          cached: 0, failed: 0))
    case .steps(let digest, let bytes):
      let row = try statement("INSERT OR IGNORE INTO steps VALUES (?, ?, ?)")
      row.bind(1, digest)
      row.bind(2, bytes)
      row.bind(3, bytes.withUnsafeBytes { RowSum.steps(digest, $0) })
      try row.run()
    case .finished(let run, let outcome, let at, let steps, let ran, let cached, let failed):
      for missing in state.runs..<max(run.value, state.runs) { try save(.lost(missing + 1)) }
      state.runs = max(run.value, state.runs)
      guard var row = try self.run(run) else { throw RetortError.damaged("A run ended that never began.") }
      (row.outcome, row.finished) = (outcome.rawValue, at)
      (row.ran, row.cached, row.failed) = (Int64(ran), Int64(cached), Int64(failed))
      let ending = try known(steps)
      row.steps = ending ?? row.steps
      try save(row)
      // Where its last steps are lost, pins are what is left of them.
      if ending == nil { break }
      let pins = try statement("DELETE FROM pin WHERE run = ?")
      pins.bind(1, run.value)
      try pins.run()
    case .attempt(let key, let stage, let recipe): try add(recipe, of: key, stage: stage)
    case .content(let digest, let content): try add(content, digest)
    case .executed(let entry): try add(entry, id: offset)
    case .failed(let failure):
      let bytes = Array(try JSONEncoder.records.encode(failure))
      let row = try statement("INSERT OR IGNORE INTO failure VALUES (?, ?, ?, ?)")
      row.bind(1, offset)
      row.bind(2, failure.run.value)
      row.bind(3, bytes)
      row.bind(4, bytes.withUnsafeBytes { RowSum.failure(offset, run: failure.run.value, $0) })
      try row.run()
    case .pinned(let run, let keys):
      let row = try statement("INSERT OR IGNORE INTO pin VALUES (?, ?, ?)")
      for key in keys {
        row.bind(1, run.value)
        row.bind(2, key.digest)
        row.bind(3, RowSum.pin(run.value, key.digest))
        try row.run()
      }
    case .forgotten(let names, let contents):
      state.forgotten += 1
      for name in names { try forget(name) }
      let row = try statement("DELETE FROM content WHERE digest = ?")
      for digest in contents {
        row.bind(1, digest)
        try row.run()
      }
    case .lost: break
    }
  }

  /// Steps are recorded before the first run that has them: those that are not there were lost, and a repair went on
  /// without.
  private func known(_ steps: Digest) throws -> Digest? { try hasSteps(steps) ? steps : nil }

  private func add(_ recipe: [UInt8], of key: Key, stage: StageIdentity) throws {
    let known = try statement("SELECT 1 FROM recipe WHERE key = ?")
    known.bind(1, key.digest)
    defer { known.reset() }
    if try known.step() { return }
    let stageID = try id(of: stage)
    let row = try statement("INSERT INTO recipe VALUES (?, ?, ?, ?)")
    row.bind(1, key.digest)
    row.bind(2, stageID)
    row.bind(3, recipe)
    row.bind(4, recipe.withUnsafeBytes { RowSum.recipe(key.digest, stage: stageID, $0) })
    try row.run()
    let edge = try statement("INSERT OR IGNORE INTO edge VALUES (?, ?, ?)")
    for digest in try RecipeInputs.digests(in: recipe) {
      edge.bind(1, digest)
      edge.bind(2, key.digest)
      edge.bind(3, RowSum.edge(digest, key.digest))
      try edge.run()
    }
  }

  private func add(_ content: StoredContent, _ digest: Digest) throws {
    let row = try statement("INSERT OR REPLACE INTO content VALUES (?, ?, ?, ?, ?)")
    row.bind(1, digest)
    row.bind(2, Int64(content.form.rawValue))
    row.bind(3, Int64(content.bytes))
    row.bind(4, content.data)
    row.bind(
      5,
      content.data.withUnsafeBytes {
        RowSum.content(digest, form: Int64(content.form.rawValue), bytes: Int64(content.bytes), data: $0)
      })
    try row.run()
  }

  private func add(_ entry: ExecutionEntry, id: Int64) throws {
    var outputs = ByteWriter()
    outputs.write(entry.outputs)
    var rest = ByteWriter()
    rest.write(entry.details.rest)
    let stageID = try self.id(of: entry.stage)
    let profileID = try self.id(of: entry.details.profile)
    let row = try statement("INSERT INTO execution VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    row.bind(1, entry.key.digest)
    row.bind(2, id)
    row.bind(3, stageID)
    row.bind(4, entry.run.value)
    row.bind(5, entry.details.startedAt)
    row.bind(6, entry.details.seconds)
    row.bind(7, profileID)
    row.bind(8, outputs.bytes)
    row.bind(9, rest.bytes)
    let sum = outputs.bytes.withUnsafeBytes { outputs in
      rest.bytes.withUnsafeBytes { rest in
        RowSum.execution(
          entry.key.digest, id, stage: stageID, run: entry.run.value, started: entry.details.startedAt,
          seconds: entry.details.seconds, profile: profileID, outputs: outputs, details: rest)
      }
    }
    row.bind(10, sum)
    try row.run()
    let product = try statement("INSERT OR IGNORE INTO product VALUES (?, ?, ?, ?)")
    for digest in entry.execution(id: id).productDigests {
      product.bind(1, digest)
      product.bind(2, entry.key.digest)
      product.bind(3, id)
      product.bind(4, RowSum.product(digest, entry.key.digest, id))
      try product.run()
    }
  }

  private func forget(_ name: ExecutionName) throws {
    for execution in try executions(of: name.key) where execution.id == name.id {
      let product = try statement("DELETE FROM product WHERE digest = ? AND key = ? AND id = ?")
      for digest in execution.execution.productDigests {
        product.bind(1, digest)
        product.bind(2, name.key.digest)
        product.bind(3, name.id)
        try product.run()
      }
    }
    let row = try statement("DELETE FROM execution WHERE key = ? AND id = ?")
    row.bind(1, name.key.digest)
    row.bind(2, name.id)
    try row.run()
  }

  private func save(_ run: RunRow) throws {
    let row = try statement("INSERT OR REPLACE INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    row.bind(1, run.id)
    row.bind(2, run.pipeline)
    row.bind(3, run.request)
    row.bind(4, run.steps)
    row.bind(5, run.outcome)
    if let finished = run.finished { row.bind(6, finished) } else { row.bindNull(6) }
    row.bind(7, run.ran)
    row.bind(8, run.cached)
    row.bind(9, run.failed)
    row.bind(10, run.sum)
    try row.run()
  }
}

extension Execution {
  /// The digests by which later stages may name this execution's outputs.
  var productDigests: Set<Digest> {
    var digests = Set(outputs.values.map(\.digest))
    if output("") == nil, let whole = digest(port: "") { digests.insert(whole) }
    return digests
  }
}
