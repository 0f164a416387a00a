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
      let gate = try Gate.close(layout.locks)
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
