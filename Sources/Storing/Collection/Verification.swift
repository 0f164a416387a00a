import Artifacts
import Synchronization

/// What a verification found.
public struct VerificationReport: Sendable, Hashable, Codable {
  /// Artifacts whose bytes were hashed, and their size in bytes.
  public var artifacts = 0
  public var bytes = 0
  /// Digests of artifacts whose bytes are missing or changed. They were set aside: the next run computes them anew.
  public var damaged: [Digest] = []
  /// What is wrong with the index or the journal, a sentence each.
  public var problems: [String] = []
  /// Objects that belong to no record: leftovers of crashes, which `gc` removes.
  public var orphans = 0
  /// What audits took back: results that their recipe did not give again.
  public var withdrawn: [Withdrawal] = []

  public var isSound: Bool { damaged.isEmpty && problems.isEmpty }
}

extension Cache {
  /// Reads everything: hashes each artifact, compares the index with the journal row by row, and lets SQLite check itself.
  ///
  /// - Parameter setsAside: moves damaged artifacts out of the way and forgets the executions that gave them.
  public func verify(setsAside: Bool = true) throws -> VerificationReport {
    var report = VerificationReport()
    try? flush()
    do {
      try compareWithJournal(&report)
    } catch let error as RetortError {
      report.problems.append("\(error)")
    }
    guard report.problems.isEmpty else { return report }
    report.withdrawn = try withdrawals()
    var known: Set<Digest> = []
    var objects: [(Digest, ContentForm)] = []
    try index.access { session in
      try session.forEachContent { digest, form, bytes in
        report.artifacts += 1
        report.bytes += bytes
        known.insert(digest)
        if form != .inline { objects.append((digest, form)) }
      }
    }
    for (digest, form) in objects where try !ObjectCheck.isIntact(layout.object(digest), digest, form) {
      report.damaged.append(digest)
    }
    if setsAside, access == .writing, !report.damaged.isEmpty { try quarantine(report.damaged) }
    for folder in try Files.namesIfThere(in: layout.objects) {
      for name in try Files.names(in: layout.objects.appending(folder)) {
        if Digest(hex: folder + name).map({ !known.contains($0) }) ?? true { report.orphans += 1 }
      }
    }
    return report
  }

  private func compareWithJournal(_ report: inout VerificationReport) throws {
    let rebuilt = try Index(inMemoryFor: layout.index)
    // Between the two readings another process may publish: then the second one of the loop is conclusive.
    for attempt in 0..<5 {
      let journal = writer.withLock { $0.journal }
      let state = try rebuilt.catchUp(with: journal)
      try flush()
      let actual = try index.access { session in
        try session.checkStructure(quickly: false)
        return try session.fingerprints()
      }
      let expected = try rebuilt.access { try $0.fingerprints() }
      if actual == expected { return }
      if attempt < 4, try journal.size() != state.position.offset { continue }
      for table in expected.keys.sorted() where table != "state" && actual[table] != expected[table] {
        report.problems.append("The table “\(table)” of the index differs from the journal.")
      }
      if report.problems.isEmpty { report.problems.append("The state of the index differs from the journal.") }
      return
    }
  }

  /// Moves damaged objects aside and forgets every execution that gave one of them.
  func quarantine(_ damaged: [Digest]) throws {
    let gate = try Gate.close(layout.locks)
    defer { withExtendedLifetime(gate) {} }
    try flush()
    let wanted = Set(damaged)
    var names: [ExecutionName] = []
    try index.access { session in
      try session.forEachExecution { execution in
        if execution.execution.outputs.values.contains(where: { wanted.contains($0.digest) }) {
          names.append(ExecutionName(key: execution.key, id: execution.id))
        }
      }
    }
    _ = try append(isDurable: true) { _, _ in [.forgotten(names, contents: damaged)] }
    try flush()
    for digest in damaged where try Files.status(of: layout.object(digest), followsLinks: false) != nil {
      try setAside(layout.object(digest), digest)
    }
  }
}
