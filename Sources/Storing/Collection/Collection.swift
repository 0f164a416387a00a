import Artifacts
import Synchronization

extension Cache {
  /// Removes what no recent run needs: executions with their artifacts, orphans of crashes, abandoned checkpoints, logs.
  ///
  /// `policy` says what stays; what a live run uses always does. Publications wait while it decides, not while it deletes.
  public func gc(dryRun: Bool = false, keeping policy: CollectionPolicy = CollectionPolicy()) throws -> CollectionReport
  {
    var report = CollectionReport(isDryRun: dryRun)
    var doomed: [FilePath] = []
    do {
      let gate = try Gate.close(locks)
      defer { withExtendedLifetime(gate) {} }
      try flush()
      let marking = try Marking(self, policy)
      let sweep = try Sweep(self, marking)
      report.executions = sweep.executions.count
      report.costs = sweep.costs.values.sorted { ($0.seconds, $1.stage) > ($1.seconds, $0.stage) }
      if !dryRun, !sweep.executions.isEmpty || !sweep.contents.isEmpty {
        FaultPoint.pass("collection.record")
        _ = try append(isDurable: true) { _, _ in [.forgotten(sweep.executions, contents: sweep.contents)] }
        try flush()
      }
      for (kind, paths) in try Leftovers(self, marking).paths {
        for path in paths {
          let bytes = try Files.totalBytes(of: path)
          if !dryRun {
            guard let left = try kind == \CollectionReport.checkpoints ? takeAway(checkpoint: path) : path else {
              continue
            }
            doomed.append(left)
          }
          report[keyPath: kind] += 1
          report.bytes += bytes
        }
      }
      report.artifacts = sweep.contents.count + sweep.orphans
      report.bytes += sweep.inlineBytes
      for path in sweep.paths {
        report.bytes += try Files.totalBytes(of: path)
        if !dryRun { doomed.append(try takeAway(path)) }
      }
    }
    if !dryRun { for path in doomed { try Files.remove(path) } }
    return report
  }

  /// Moves something out of reach: once the gate is open, the same content may be published again.
  private func takeAway(_ path: FilePath) throws -> FilePath {
    FaultPoint.pass("collection.move")
    let bin = layout.staging.appending("bin-\(Files.nextNumber())-\(path.lastComponent?.string ?? "")")
    try Files.makeFolder(layout.staging)
    try Files.rename(path, to: bin)
    return bin
  }

  /// The same for a snapshot, which only the holder of its key's lease may touch; nil where somebody has it, or took it.
  private func takeAway(checkpoint path: FilePath) throws -> FilePath? {
    var lease: ByteLock?
    if let key = path.lastComponent.flatMap({ Leftovers.key(ofCheckpoint: $0.string) }) {
      lease = try ByteLock.attempt(.exclusive, of: layout.locks, at: LockByte.key(key))
      if lease == nil { return nil }
    }
    return try withExtendedLifetime(lease) { try Files.status(of: path) == nil ? nil : takeAway(path) }
  }
}
