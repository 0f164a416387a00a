import Artifacts

/// What this process appended to the journal and has not applied to the index yet. Reads look here first.
///
/// The journal is what counts, so the index may lag: many small publications share one transaction. While it is written on
/// another thread, its records are still here.
struct Pending: Sendable {
  private var recent = PendingRecords()
  /// Those that another thread is applying to the index.
  private var leaving: PendingRecords?
  /// How often records began to leave: a thread that is late must not end what another one does.
  private var departures = 0
  /// Whether a thread could not apply what it took: the next read has to.
  private(set) var isOverdue = false
  /// Keys without an execution: neither here nor in the index, as far as it is applied.
  private var absent: Set<Key> = []
  /// Keys with executions in the index, as far as it is applied.
  private var indexed = IndexedKeys()
  /// How often the index has changed under what was read from it.
  private var age = 0
  /// Digests of the user's files, to be remembered with the next transaction.
  var sources: [String: (status: FileStatus, digest: Digest)] = [:]
  /// Up to where everything in the journal is applied or held here.
  private(set) var end: Int64 = 0
  /// How many records make a batch.
  private let batch: Int

  /// Keys are random, so a batch writes almost every page of the index however small it is.
  static let usualBatch = 11_000
  private static let largestBatch = 16 << 20

  init(batch: Int = usualBatch) { self.batch = batch }

  /// Whether there are so many that a transaction is worth its price.
  var isLarge: Bool { recent.count >= batch || recent.bytes > Self.largestBatch }

  /// Whether they become more quickly than they are applied.
  var isTooLarge: Bool { recent.count >= 4 * batch || recent.bytes > 4 * Self.largestBatch }

  var isEmpty: Bool { recent.count == 0 && leaving == nil }

  // MARK: Reading

  func executions(of key: Key) -> [StoredExecution]? {
    guard let leaving = leaving?.executions[key] else { return recent.executions[key] }
    return leaving + (recent.executions[key] ?? [])
  }

  func content(of digest: Digest) -> StoredContent? { recent.contents[digest] ?? leaving?.contents[digest] }
  func recipe(of key: Key) -> [UInt8]? { recent.recipes[key] ?? leaving?.recipes[key] }
  func hasSteps(_ digest: Digest) -> Bool { recent.steps.contains(digest) || leaving?.steps.contains(digest) ?? false }

  private func hasExecutions(of key: Key) -> Bool {
    recent.executions[key] != nil || leaving?.executions[key] != nil
  }

  /// The keys that may have executions, with those that are known here.
  func look(up keys: [Key]) -> Look {
    let sought = keys.filter { !absent.contains($0) && (indexed.mayHave($0) || hasExecutions(of: $0)) }
    var known: [Key: [StoredExecution]] = [:]
    if !isEmpty {
      for key in sought { known[key] = executions(of: key) }
    }
    return Look(keys: sought, recent: known, age: age)
  }

  /// What was known when a look into the index began.
  struct Look {
    var keys: [Key]
    var recent: [Key: [StoredExecution]]
    fileprivate var age: Int
  }

  /// Remembers keys that a look found nowhere, unless something came in between.
  ///
  /// - Returns: whether `noteIndexed` would spare enough of such looks.
  mutating func noteAbsent(_ keys: [Key], after look: Look) -> Bool {
    guard look.age == age else { return false }
    for key in keys where !hasExecutions(of: key) { absent.insert(key) }
    return indexed.miss(keys.count, bytes: end)
  }

  /// Remembers all keys with executions in the index, as they were read after `look`.
  mutating func noteIndexed(_ keys: [Key], after look: Look) {
    if look.age == age { indexed.load(keys) }
  }

  // MARK: Writing

  /// Adds records that were appended at `offsets`, the last one ending at `newEnd`.
  mutating func add(_ records: [JournalRecord], at offsets: [Int64], endingAt newEnd: Int64) {
    // Where another process appended in between, `end` stays, and the next read applies its records too.
    if offsets.first == end {
      recent.bytes += Int(newEnd - end)
      end = newEnd
    }
    recent.add(records, at: offsets)
    for case .executed(let entry) in records { absent.remove(entry.key) }
  }

  /// Everything up to `position` is in the index.
  mutating func clear(upTo position: JournalPosition) {
    var next = Pending(batch: batch)
    // Of what this process did alone it knows what it did.
    if position.offset == end {
      swap(&next.absent, &absent)
      swap(&next.indexed, &indexed)
      for records in [recent, leaving] {
        for key in records?.executions.keys ?? [:].keys { next.indexed.insert(key) }
      }
    }
    (next.end, next.age, next.departures) = (position.offset, age + 1, departures)
    self = next
  }

  /// Another thread begins to apply what is here now.
  ///
  /// - Returns: the number by which it says how that went; nil where one is at it, or could not do it.
  mutating func beginLeaving() -> Int? {
    guard leaving == nil, !isOverdue else { return nil }
    (leaving, recent) = (recent, PendingRecords())
    departures += 1
    return departures
  }

  /// It has applied them, and maybe some that came later: what is here and in the index does no harm.
  mutating func endLeaving(_ departure: Int) {
    guard departure == departures, let leaving else { return }
    for key in leaving.executions.keys { indexed.insert(key) }
    self.leaving = nil
    age += 1
  }

  /// It could not.
  mutating func cancelLeaving(_ departure: Int) {
    guard departure == departures, let leaving else { return }
    recent = leaving.followed(by: recent)
    self.leaving = nil
    isOverdue = true
  }
}
