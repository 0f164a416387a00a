import Artifacts

/// What this process appended to the journal and has not applied to the index yet. Reads look here first.
///
/// The journal is what counts, so the index may lag: many small publications share one transaction.
struct Pending: Sendable {
  private(set) var executions: [Key: [StoredExecution]] = [:]
  private(set) var contents: [Digest: StoredContent] = [:]
  private(set) var recipes: [Key: [UInt8]] = [:]
  private(set) var steps: Set<Digest> = []
  /// Keys without an execution: neither here nor in the index, as far as it is applied.
  private var absent: Set<Key> = []
  /// How often the index has changed under what was read from it.
  private var age = 0
  /// Digests of the user's files, to be remembered with the next transaction.
  var sources: [String: (status: FileStatus, digest: Digest)] = [:]
  /// Up to where everything in the journal is applied or held here.
  private(set) var end: Int64 = 0
  private(set) var count = 0
  private var bytes = 0

  /// Large enough that a transaction is worth its price: keys are random, so a batch writes almost every page of the index
  /// however small it is.
  var isLarge: Bool { count >= 11_000 || bytes > 16 << 20 }

  /// The keys that may have executions, with those that are known here.
  func look(up keys: [Key]) -> Look {
    var recent: [Key: [StoredExecution]] = [:]
    if !executions.isEmpty {
      for key in keys { recent[key] = executions[key] }
    }
    return Look(keys: absent.isEmpty ? keys : keys.filter { !absent.contains($0) }, recent: recent, age: age)
  }

  /// What was known when a look into the index began.
  struct Look {
    var keys: [Key]
    var recent: [Key: [StoredExecution]]
    fileprivate var age: Int
  }

  /// Remembers keys that a look found nowhere, unless something came in between.
  mutating func noteAbsent(_ keys: [Key], after look: Look) {
    guard look.age == age else { return }
    for key in keys where executions[key] == nil { absent.insert(key) }
  }

  /// Adds records that were appended at `offsets`, the last one ending at `newEnd`.
  mutating func add(_ records: [JournalRecord], at offsets: [Int64], endingAt newEnd: Int64) {
    // Where another process appended in between, `end` stays, and the next read applies its records too.
    if offsets.first == end {
      bytes += Int(newEnd - end)
      end = newEnd
    }
    count += records.count
    for (record, offset) in zip(records, offsets) {
      switch record {
      case .executed(let entry):
        executions[entry.key, default: []].append(StoredExecution(id: offset, entry: entry))
        absent.remove(entry.key)
      case .content(let digest, let content): contents[digest] = content
      case .attempt(let key, _, let recipe): recipes[key] = recipe
      case .steps(let digest, _): steps.insert(digest)
      case .began, .finished, .failed, .pinned, .forgotten, .lost: break
      }
    }
  }

  /// Everything up to `position` is in the index.
  mutating func clear(upTo position: JournalPosition) {
    // What this process did alone has told `absent` already.
    let (kept, age) = (position.offset == end ? absent : [], age)
    self = Pending()
    (end, absent, self.age) = (position.offset, kept, age + 1)
  }
}
