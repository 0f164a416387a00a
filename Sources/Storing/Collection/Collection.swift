import Artifacts
import Synchronization

extension Cache {
  /// Removes what no recent run needs: executions with their artifacts, orphans of crashes, abandoned checkpoints, logs.
  ///
  /// Of each pipeline, the newest runs are kept up to the `keepingRuns`th that succeeded; so is everything that a live run
  /// uses. Publications wait while it decides, not while it deletes.
  public func gc(dryRun: Bool = false, keepingRuns: Int = 5) throws -> CollectionReport {
    var report = CollectionReport(isDryRun: dryRun)
    var doomed: [FilePath] = []
    do {
      let gate = try Gate.close(layout.locks)
      defer { withExtendedLifetime(gate) {} }
      try flush()
      let marking = try Marking(self, keepingRuns: keepingRuns)
      let sweep = try Sweep(self, marking)
      report.executions = sweep.executions.count
      if !dryRun, !sweep.executions.isEmpty || !sweep.contents.isEmpty {
        FaultPoint.pass("collection.record")
        _ = try append(isDurable: true) { _, _ in [.forgotten(sweep.executions, contents: sweep.contents)] }
        try flush()
      }
      for (kind, paths) in try Leftovers(self, marking).paths {
        report[keyPath: kind] += paths.count
        for path in paths {
          report.bytes += try Files.totalBytes(of: path)
          doomed.append(path)
        }
      }
      report.artifacts = sweep.contents.count + sweep.orphans
      report.bytes += sweep.inlineBytes
      for path in sweep.paths {
        report.bytes += try Files.totalBytes(of: path)
        if dryRun { continue }
        FaultPoint.pass("collection.move")
        // Out of reach first: once the gate is open, the same content may be published again.
        let bin = layout.staging.appending("bin-\(Files.nextNumber())-\(path.lastComponent?.string ?? "")")
        try Files.makeFolder(layout.staging)
        try Files.rename(path, to: bin)
        doomed.append(bin)
      }
    }
    if !dryRun { for path in doomed { try Files.remove(path) } }
    return report
  }
}

/// What a collection must keep.
struct Marking {
  /// Keys whose executions stay.
  private(set) var keys: Set<Key> = []
  /// Runs whose logs stay.
  private(set) var runs: Set<RunID> = []
  /// Runs that are going on.
  private(set) var live: Set<RunID> = []

  init(_ cache: Cache, keepingRuns: Int) throws {
    try cache.index.access { session in
      // A missing row would count as unreachable: nothing is removed on the word of a damaged index.
      try session.checkStructure(quickly: true)
      guard let state = try session.state() else { return }
      var succeeded: [String: Int] = [:]
      for row in try session.runs(count: state.runs) {
        let run = RunID(row.id)
        let isLive = try row.outcome == RunOutcome.running.rawValue && cache.isAlive(run)
        if isLive {
          live.insert(run)
          keys.formUnion(try session.pins(of: run))
        }
        guard isLive || succeeded[row.pipeline, default: 0] < keepingRuns else { continue }
        if row.outcome == RunOutcome.succeeded.rawValue { succeeded[row.pipeline, default: 0] += 1 }
        runs.insert(run)
        keys.formUnion(try session.steps(of: row).lazy.compactMap(\.key))
      }
    }
  }

  func keeps(_ execution: StoredExecution) -> Bool {
    keys.contains(execution.key) || live.contains(execution.execution.run)
  }
}

/// What a collection takes away.
struct Sweep {
  private(set) var executions: [ExecutionName] = []
  /// Content that no kept execution refers to.
  private(set) var contents: [Digest] = []
  private(set) var inlineBytes = 0
  /// Objects that no record ever named.
  private(set) var orphans = 0
  private(set) var paths: [FilePath] = []

  init(_ cache: Cache, _ marking: Marking) throws {
    var known: Set<Digest> = []
    var used: Set<Digest> = []
    try cache.index.access { session in
      try session.forEachExecution { execution in
        if marking.keeps(execution) {
          used.formUnion(execution.execution.outputs.values.lazy.map(\.digest))
        } else {
          executions.append(ExecutionName(key: execution.key, id: execution.id))
        }
      }
      try session.forEachContent { digest, form, bytes in
        known.insert(digest)
        guard !used.contains(digest) else { return }
        contents.append(digest)
        if form == .inline { inlineBytes += bytes } else { paths.append(cache.layout.object(digest)) }
      }
    }
    // What an execution names is no orphan, even where the row of its content was lost.
    known.formUnion(used)
    paths = try paths.filter { try Files.status(of: $0) != nil }
    for folder in try Files.namesIfThere(in: cache.layout.objects) {
      let parent = cache.layout.objects.appending(folder)
      for name in try Files.names(in: parent) where Digest(hex: folder + name).map({ !known.contains($0) }) ?? true {
        orphans += 1
        paths.append(parent.appending(name))
      }
    }
  }
}

/// What crashes and old runs left behind beside the objects.
struct Leftovers {
  private(set) var paths: [(WritableKeyPath<CollectionReport, Int>, [FilePath])] = []

  init(_ cache: Cache, _ marking: Marking) throws {
    let layout = cache.layout
    paths.append(
      (
        \.staging,
        try Files.namesIfThere(in: layout.staging).filter { name in
          try Int64(name).map { try !cache.isAlive(RunID($0)) } ?? true
        }.map(layout.staging.appending)
      ))
    paths.append(
      (
        \.checkpoints,
        try Files.namesIfThere(in: layout.checkpoints).filter { name in
          guard let key = Self.key(ofCheckpoint: name) else { return true }
          guard try !ByteLock.isHeld(layout.locks, at: LockByte.key(key)) else { return false }
          // A whole snapshot of a key that is still wanted is what the next run resumes from.
          let isWanted = !name.hasPrefix(".") && marking.keys.contains(key)
          return try !isWanted || cache.index.access { try !$0.executions(of: key).isEmpty }
        }.map(layout.checkpoints.appending)
      ))
    paths.append(
      (
        \.logs,
        try Files.namesIfThere(in: layout.logs).filter { name in
          Int64(name).map { !marking.runs.contains(RunID($0)) } ?? true
        }.map(layout.logs.appending)
      ))
  }

  /// The key in the name of a snapshot, or of the temporary file that becomes one.
  private static func key(ofCheckpoint name: String) -> Key? {
    let bare = name.hasPrefix(".") ? name.dropFirst() : Substring(name)
    return bare.split(separator: ".").first.flatMap { Digest(hex: $0) }.map(Key.init)
  }
}
