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
    let suspects = try objects.filter { try !ObjectCheck.isIntact(layout.object($0), $0, $1) }.map(\.0)
    report.damaged = try confirm(suspects, setsAside: setsAside)
    for folder in try Files.namesIfThere(in: layout.objects) {
      for name in try Files.names(in: layout.objects.appending(folder)) {
        if Digest(hex: folder + name).map({ !known.contains($0) }) ?? true { report.orphans += 1 }
      }
    }
    return report
  }

  private func compareWithJournal(_ report: inout VerificationReport) throws {
    let rebuilt = try Index(inMemoryFor: layout.index)
    // Between the two readings another process may publish. In the end it has to wait, where it can be made to.
    for attempt in 0..<5 {
      let isLast = attempt == 4 && access == .writing
      let (differing, isCertain) = try writer.withLock { writer in
        guard isLast else { return try compare(rebuilt, &writer) }
        return try writer.journal.file.withLock(at: LockByte.append) { try compare(rebuilt, &writer) }
      }
      if differing.isEmpty { return }
      guard isLast || isCertain else { continue }
      for table in differing.sorted() where table != "state" {
        report.problems.append("The table “\(table)” of the index differs from the journal.")
      }
      if report.problems.isEmpty { report.problems.append("The state of the index differs from the journal.") }
      return
    }
  }

  /// The tables that differ from those of an index that follows from the journal alone.
  ///
  /// - Returns: also whether nothing was appended meanwhile, without which a difference says nothing.
  private func compare(_ rebuilt: Index, _ writer: inout CacheWriter) throws -> ([String], isCertain: Bool) {
    let state = try rebuilt.catchUp(with: writer.journal)
    try flush(&writer)
    let actual = try index.access { session in
      try session.checkStructure(quickly: false)
      return try session.fingerprints()
    }
    let expected = try rebuilt.access { try $0.fingerprints() }
    let differing = expected.keys.filter { actual[$0] != expected[$0] }
    return (differing, try writer.journal.size() == state.position.offset)
  }

  /// Asks again for each suspect while nothing is published or collected: since it was found, it may have gone, or come anew.
  ///
  /// - Parameter setsAside: moves what is damaged out of the way, and forgets every execution that gave it.
  /// - Returns: what is damaged indeed.
  func confirm(_ suspects: [Digest], setsAside: Bool) throws -> [Digest] {
    if suspects.isEmpty { return [] }
    let gate = access == .writing ? try Gate.close(locks) : nil
    defer { withExtendedLifetime(gate) {} }
    try flush()
    let damaged = try suspects.filter { digest in
      guard let content = try knownContent(digest) else { return false }
      return try !ObjectCheck.isIntact(layout.object(digest), digest, content.form)
    }
    if setsAside, access == .writing, !damaged.isEmpty { try quarantine(damaged) }
    return damaged
  }

  /// Moves damaged objects aside and forgets every execution that gave one of them. Needs the closed gate.
  private func quarantine(_ damaged: [Digest]) throws {
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
