import Artifacts
import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a repair did.
public struct RepairReport: Sendable, Hashable, Codable {
  /// Bytes of the journal that were damaged and could not be kept.
  public var lostBytes = 0
  /// Executions that had to be forgotten: their content was lost, or an audit had taken them back.
  public var forgotten = 0
  /// Executions in the new index.
  public var executions = 0

  public var isLossless: Bool { lostBytes == 0 && forgotten == 0 }
}

extension Cache {
  /// Builds the index anew from the journal, keeping every record of it that is whole.
  ///
  /// - Throws: `RetortError` also while another process uses the cache.
  public static func rebuildIndex(_ root: FilePath) throws -> RepairReport {
    let layout = CacheLayout(root: root)
    guard try Files.status(of: layout.journal) != nil else {
      throw RetortError(
        "cache.missing", "There is no journal to rebuild the index from.", at: Place(file: layout.journal.string))
    }
    var report = RepairReport()
    do {
      guard let lock = try alone(layout) else {
        throw RetortError(
          "cache.in-use", "Another process uses the cache.", remedy: "Wait until it has ended, then run again.",
          at: Place(file: root.string), blame: .environment, isTransient: true)
      }
      defer { withExtendedLifetime(lock) {} }
      report.lostBytes = try Journal.repair(layout.journal)
      try replaceIndex(layout)
    }
    let cache = try Cache(root)
    try cache.forgetIncomplete(&report)
    return report
  }

  /// Takes the cache for itself; nil where others use it for longer than a moment.
  ///
  /// A lock that was freed may live on until a child that was being started meanwhile has replaced its image, and short
  /// commands come and go: neither is worth a refusal.
  private static func alone(_ layout: CacheLayout) throws -> ByteLock? {
    let end = ContinuousClock.now + .seconds(1)
    while true {
      if let lock = try ByteLock.attempt(.exclusive, of: layout.locks, at: LockByte.rebuild) { return lock }
      guard ContinuousClock.now < end else { return nil }
      usleep(10_000)
    }
  }

  /// Makes an index of an earlier version anew; false while programs that use it as it is do not end.
  ///
  /// Of several processes that open the cache at once one does it, and the others wait for it.
  static func renewIndex(_ layout: CacheLayout) throws -> Bool {
    let end = ContinuousClock.now + .seconds(1)
    while true {
      if let alone = try ByteLock.attempt(.exclusive, of: layout.locks, at: LockByte.rebuild) {
        try withExtendedLifetime(alone) { if Schema.isOlder(layout.index) { try replaceIndex(layout) } }
        return true
      }
      // Where not even a place beside others is free, somebody makes it anew already.
      guard try ByteLock.attempt(.shared, of: layout.locks, at: LockByte.rebuild) != nil else {
        _ = try ByteLock.wait(.shared, of: layout.locks, at: LockByte.rebuild)
        return true
      }
      guard ContinuousClock.now < end else { return false }
      usleep(10_000)
    }
  }

  /// Makes a new index beside the old one, then puts it in its place. A process that is killed meanwhile leaves the old one,
  /// or none, which the next opening makes anew.
  static func replaceIndex(_ layout: CacheLayout) throws {
    guard let journal = try Journal(layout.journal, makes: false) else { return }
    let new = FilePath(layout.index.string + ".new")
    try removeIndex(new)
    do {
      let index = try Index(new)
      _ = try index.catchUp(with: journal)
      try index.closeCleanly()
    }
    FaultPoint.pass("index.rebuilt")
    // The database goes first: without its log it could be half of one.
    try removeIndex(layout.index)
    FaultPoint.pass("index.removed")
    try Files.rename(new, to: layout.index)
    FaultPoint.pass("index.replaced")
    try Files.syncFolder(layout.root)
  }

  private static func removeIndex(_ path: FilePath) throws {
    for suffix in ["", "-wal", "-shm", "-journal"] { try Files.remove(FilePath(path.string + suffix)) }
  }

  /// Forgets executions whose content is not recorded any more, and those that were withdrawn where that record was lost.
  private func forgetIncomplete(_ report: inout RepairReport) throws {
    var names: [ExecutionName] = []
    let notes = Set(try Files.namesIfThere(in: layout.quarantine))
    try index.access { session in
      try session.forEachExecution { execution in
        report.executions += 1
        let note = layout.withdrawal(of: execution.execution).lastComponent?.string
        if try note.map(notes.contains) ?? false
          || execution.execution.outputs.values.contains(where: { try session.content($0.digest) == nil })
        {
          names.append(ExecutionName(key: execution.key, id: execution.id))
        }
      }
    }
    report.forgotten = names.count
    guard !names.isEmpty else { return }
    _ = try append(isDurable: true) { _, _ in [.forgotten(names, contents: [])] }
    try flush()
    report.executions -= names.count
  }
}

extension RetortError {
  static func olderIsInUse(_ root: FilePath) -> RetortError {
    RetortError(
      "cache.in-use", "The cache's index has to be made anew, and a program of an older Retort uses it.",
      remedy: "Wait until that has ended, then run again.", at: Place(file: root.string), blame: .environment,
      isTransient: true)
  }
}
