import Artifacts

/// What records say, for whoever asks before the index knows.
struct PendingRecords: Sendable {
  private(set) var executions: [Key: [StoredExecution]] = [:]
  private(set) var contents: [Digest: StoredContent] = [:]
  private(set) var recipes: [Key: [UInt8]] = [:]
  private(set) var steps: Set<Digest> = []
  private(set) var count = 0
  var bytes = 0

  mutating func add(_ records: [JournalRecord], at offsets: [Int64]) {
    count += records.count
    for (record, offset) in zip(records, offsets) {
      switch record {
      case .executed(let entry):
        executions[entry.key, default: []].append(StoredExecution(id: offset, entry: entry))
      case .content(let digest, let content): contents[digest] = content
      case .attempt(let key, _, let recipe): recipes[key] = recipe
      case .steps(let digest, _): steps.insert(digest)
      case .began, .finished, .failed, .pinned, .forgotten, .lost: break
      }
    }
  }

  func followed(by later: PendingRecords) -> PendingRecords {
    var all = self
    all.executions.merge(later.executions) { $0 + $1 }
    all.contents.merge(later.contents) { $1 }
    all.recipes.merge(later.recipes) { $1 }
    all.steps.formUnion(later.steps)
    all.count += later.count
    all.bytes += later.bytes
    return all
  }
}
