import Artifacts
import Synchronization

/// A cache on disk: objects, a journal of everything that happened, and an index derived from it.
///
/// A publication counts from the moment when its record is whole in the journal. The index catches up in batches, and on
/// the next opening after a crash. `docs/decisions/0006-journal-first.md` says why.
public final class Cache: ArtifactStore {
  public enum Access: Sendable {
    /// Runs write; folders and files are made where they are missing.
    case writing
    /// Questions only: works on a cache that cannot be written, too.
    case reading
  }

  public let root: FilePath
  let access: Access
  let layout: CacheLayout
  /// The locks of keys, devices and publications.
  let locks: LockFile
  let index: Index
  /// The journal's file, for a look at its size.
  let journalFile: OpenFile
  let writer: Mutex<CacheWriter>
  let pending: Mutex<Pending>
  let smallContents = Mutex(SmallContents())
  /// The bytes that the index's write-ahead log may have after a batch.
  static let largestLog = 16 << 20
  /// Held as long as the cache is open: the index cannot be replaced meanwhile.
  private let presence: ByteLock?

  /// Opens the cache in `root`.
  ///
  /// - Throws: `RetortError` where it cannot be written or read, is damaged, or was written by a newer version.
  public convenience init(_ root: FilePath, access: Access = .writing) throws {
    try self.init(root, access: access, batch: Pending.usualBatch)
  }

  /// - Parameter batch: how many records the index may lag behind before it is told.
  package init(_ root: FilePath, access: Access = .writing, batch: Int) throws {
    self.root = root
    self.access = access
    layout = CacheLayout(root: root)
    locks = LockFile(layout.locks)
    do {
      if access == .writing { try Files.makeFolder(root) }
      // Nothing is touched where there is no cache, or one of another version.
      _ = try Self.openJournal(layout, access)
      let opened = try Self.open(layout, access)
      let state = opened.state
      var journal = opened.journal
      (presence, index) = (opened.presence, opened.index)
      journal.resume(at: state.position)
      journalFile = journal.file
      var pending = Pending(batch: batch)
      pending.clear(upTo: state.position)
      self.pending = Mutex(pending)
      writer = Mutex(CacheWriter(journal: journal, state: state))
    } catch let error as RetortError {
      throw error.ofCache
    }
  }

  deinit {
    try? flush()
    // Closing the index moves its log into the database, which must not know more than the journal on disk.
    if access == .writing, index.hasLog { try? writer.withLock { try $0.journal.sync() } }
  }

  private static func openJournal(_ layout: CacheLayout, _ access: Access) throws -> Journal {
    guard let journal = try Journal(layout.journal, makes: access == .writing) else {
      throw RetortError(
        "cache.missing", "There is no cache here.", remedy: "Run a pipeline first, or name another with --cache DIR.",
        at: Place(file: layout.root.string))
    }
    return journal
  }

  private struct Opened {
    var presence: ByteLock?
    var journal: Journal
    var index: Index
    var state: IndexState
  }

  private static func open(_ layout: CacheLayout, _ access: Access) throws -> Opened {
    do {
      do {
        return try openPresent(layout, access)
      } catch let error as RetortError where error.code == "cache.journal-shortened" {
        // A loss of power took the journal's tail, which was not on disk yet: the index follows.
        guard let alone = try ByteLock.attempt(.exclusive, of: layout.locks, at: LockByte.rebuild) else { throw error }
        try withExtendedLifetime(alone) { try replaceIndex(layout) }
      } catch let error as RetortError where error.code == "cache.index-older" {
        guard try renewIndex(layout) else {
          // Questions need no index on disk.
          guard access == .reading else { throw RetortError.olderIsInUse(layout.root) }
          return try openInMemory(layout)
        }
      }
      return try openPresent(layout, access)
    } catch let error as RetortError where access == .reading && error.isReadOnly {
      return try openInMemory(layout)
    }
  }

  /// The journal comes after the lock: a repair may replace it until then, and what is written to the old one is lost.
  private static func openPresent(_ layout: CacheLayout, _ access: Access) throws -> Opened {
    let presence = try ByteLock.wait(.shared, of: layout.locks, at: LockByte.rebuild)
    let journal = try openJournal(layout, access)
    let index = try Index(layout.index)
    return Opened(presence: presence, journal: journal, index: index, state: try index.catchUp(with: journal))
  }

  private static func openInMemory(_ layout: CacheLayout) throws -> Opened {
    let journal = try openJournal(layout, .reading)
    let index = try Index(inMemoryFor: layout.index)
    return Opened(presence: nil, journal: journal, index: index, state: try index.catchUp(with: journal))
  }

  // MARK: Journal and index

  /// Appends records and makes them visible to this process's reads.
  func append(isDurable: Bool, _ make: (CacheWriter, Int64) throws -> [JournalRecord]) throws -> [Int64] {
    guard access == .writing else { throw RetortError.readOnlyCache(root, cause: Errno.readOnlyFileSystem) }
    do {
      return try writer.withLock { writer in
        var records: [JournalRecord] = []
        let before = writer
        let offsets = try writer.journal.append(isDurable: isDurable) { offset in
          records = try make(before, offset)
          return records
        }
        let end = writer.journal.end.offset
        let isLarge = pending.withLock { pending in
          pending.add(records, at: offsets, endingAt: end)
          return pending.isLarge
        }
        // What is in the journal counts; an index that cannot follow now will be told so by the next read.
        if isLarge, !applyBeside(writer.journal) { try? flush(&writer) }
        return offsets
      }
    } catch let error as RetortError {
      throw error.ofCache
    }
  }

  /// Applies to the index what was appended, by this process and others.
  public func flush() throws {
    do {
      try writer.withLock { try flush(&$0) }
    } catch let error as RetortError {
      throw error.ofCache
    }
  }

  func flush(_ writer: inout CacheWriter) throws {
    writer.state = try index.catchUp(with: writer.journal)
    let position = writer.state.position
    let sources = pending.withLock { pending in
      defer { pending.clear(upTo: position) }
      return pending.sources
    }
    if access == .writing {
      try index.remember(sources)
      try index.emptyLog(over: Self.largestLog, writer.journal)
    }
  }

  /// Makes the index see everything, for questions that `pending` does not answer.
  func settle() throws {
    let (known, isWaiting) = pending.withLock { ($0.end, !$0.isEmpty) }
    if try isWaiting || journalFile.status().bytes != known { try flush() }
  }

  /// Makes the index see what other processes appended; what this one did is in `pending`.
  func refresh() throws {
    if try isUpToDate() { return }
    try writer.withLock { writer in
      // As a rule another thread was appending just now, and has ended.
      if try !isUpToDate() { try flush(&writer) }
    }
  }

  private func isUpToDate() throws -> Bool {
    let (end, isOverdue) = pending.withLock { ($0.end, $0.isOverdue) }
    return try !isOverdue && journalFile.status().bytes == end
  }
}

/// What only one thread at a time may use.
struct CacheWriter {
  var journal: Journal
  /// The index after its last catching up.
  var state: IndexState
  /// How often something had been forgotten before anything was looked up.
  let forgotten: Int64
  /// The runs that this process began, with the locks that show them alive.
  var runs: [RunID: LiveRun] = [:]

  init(journal: Journal, state: IndexState) {
    self.journal = journal
    self.state = state
    forgotten = state.forgotten
  }
}

struct LiveRun {
  let lock: ByteLock
  /// How it began.
  let steps: [RunStep]
  let digest: Digest
  /// Keys whose executions no collection removes while the run lives; nil until one is added to those of its steps.
  private var pinned: Set<Key>?
  /// Whether the folder of its logs is there.
  var hasLogs = false

  init(lock: ByteLock, steps: [RunStep], digest: Digest) {
    (self.lock, self.steps, self.digest) = (lock, steps, digest)
  }

  /// Those of some keys that are not pinned yet.
  mutating func unpinned(_ keys: some Sequence<Key>) -> [Key] {
    let known = pinned ?? Set(steps.lazy.compactMap(\.key))
    pinned = known
    return keys.filter { !known.contains($0) }
  }

  /// Remembers keys whose pins are recorded.
  mutating func pin(_ keys: [Key]) { pinned?.formUnion(keys) }
}

extension RetortError {
  var isReadOnly: Bool { code == "cache.read-only" || code == "file.read-only" }
}
