import Artifacts
import FoundationEssentials
import Synchronization

extension Cache {
  public func beginRun(_ request: RunRequest, steps: [RunStep], hits: [Execution]) throws -> RunID {
    let gate = try Gate.pass(locks)
    defer { withExtendedLifetime(gate) {} }
    let blob = StepsCoding.encode(steps)
    let digest = Digest(of: blob)
    let stored = try StoredRequest(request)
    var run: (id: RunID, live: LiveRun)?
    _ = try append(isDurable: false) { writer, _ in
      // Nobody else can append now, so the next number is free.
      let state = try index.catchUp(with: writer.journal)
      if state.forgotten != writer.forgotten { try check(hits) }
      let id = RunID(state.runs + 1)
      guard let lock = try ByteLock.attempt(.exclusive, of: layout.locks, at: LockByte.run(id)) else {
        throw RetortError.damaged("The next run's number is taken.")
      }
      run = (id, LiveRun(lock: lock, steps: steps, digest: digest))
      let extra = Self.keys(of: hits, besides: steps)
      var records: [JournalRecord] = []
      if try !isKnown(steps: digest) { records.append(.steps(digest, blob)) }
      records.append(.began(id, stored, steps: digest))
      if !extra.isEmpty { records.append(.pinned(id, extra)) }
      return records
    }
    guard let run else { throw RetortError.damaged("A run got no number.") }
    writer.withLock { $0.runs[run.id] = run.live }
    return run.id
  }

  /// The keys of hits that are no step's. As a rule there is none, and both come in one order.
  private static func keys(of hits: [Execution], besides steps: [RunStep]) -> [Key] {
    var next = 0
    for hit in hits {
      while next < steps.count, steps[next].key != hit.key { next += 1 }
      if next == steps.count {
        var known = Set(steps.lazy.compactMap(\.key))
        return hits.map(\.key).filter { known.insert($0).inserted }
      }
    }
    return []
  }

  /// A collection may have come between planning and now; later questions of the plan may have seen it, and earlier ones not.
  private func check(_ hits: [Execution]) throws {
    var gone = Set(hits.map(\.id))
    try index.reading(isLong: true) { session in
      try session.forEachExecutions(of: hits.map(\.key)) { _, known in gone.subtract(known.map(\.id)) }
    }
    guard gone.isEmpty else {
      throw RetortError(
        "cache.collected", "A collection removed what this run was about to use.", remedy: "Run again.",
        blame: .environment, isTransient: true)
    }
  }

  private func isKnown(steps digest: Digest) throws -> Bool {
    if pending.withLock({ $0.hasSteps(digest) }) { return true }
    return try index.access { try $0.hasSteps(digest) }
  }

  func pin(_ keys: some Collection<Key>, to run: RunID) throws {
    let new = unpinned(keys, of: run)
    guard !new.isEmpty else { return }
    _ = try append(isDurable: false) { _, _ in [.pinned(run, new.sorted())] }
    notePinned(new, to: run)
  }

  /// Those of some keys that a collection does not know to be the run's.
  func unpinned(_ keys: some Collection<Key>, of run: RunID) -> [Key] {
    writer.withLock { $0.runs[run]?.unpinned(keys) ?? Array(keys) }
  }

  func notePinned(_ keys: [Key], to run: RunID) { writer.withLock { $0.runs[run]?.pin(keys) } }

  public func finishRun(
    _ run: RunID, outcome: RunOutcome, steps: [RunStep], ran: Int, cached: Int, failed: Int
  ) throws {
    let digest: Digest
    var records: [JournalRecord] = []
    if let begun = writer.withLock({ $0.runs[run] }), begun.steps == steps {
      // Nothing was left to do: what the run began with is how it ended.
      digest = begun.digest
    } else {
      let blob = StepsCoding.encode(steps)
      digest = Digest(of: blob)
      if try !isKnown(steps: digest) { records.append(.steps(digest, blob)) }
    }
    _ = try append(isDurable: ran > 0) { _, _ in
      let end = JournalRecord.finished(
        run, outcome, at: Date().timeIntervalSince1970, steps: digest, ran: ran, cached: cached, failed: failed)
      return records + [end]
    }
    try flush()
    // The process may end without closing the index. A log that stays costs the next one a reading: 0.1 ms for 256 KB,
    // which thirty runs with nothing to do fill.
    writer.withLock { try? index.emptyLog(over: 256 << 10, $0.journal) }
    _ = writer.withLock { $0.runs.removeValue(forKey: run) }
    try? Files.remove(layout.staging(of: run))
  }

  /// Whether the process of a run lives and holds it.
  func isAlive(_ run: RunID) throws -> Bool { try ByteLock.isHeld(layout.locks, at: LockByte.run(run)) }

  // MARK: Leases

  public func lease(_ key: Key) throws -> (any Lease)? {
    try locks.attempt(.exclusive, at: LockByte.key(key)).map(KeyLease.init)
  }

  public func lease(_ device: Device) throws -> (any Lease)? {
    try locks.attempt(.exclusive, at: LockByte.device(device)).map(KeyLease.init)
  }

  public func snapshotFile(of key: Key) throws -> FilePath {
    try Files.makeFolder(layout.checkpoints)
    return layout.checkpoint(of: key)
  }
}
