import Artifacts

/// What a collection must keep.
struct Marking {
  /// Keys whose executions stay.
  private(set) var keys: Set<Key> = []
  /// Executions that stay though their key need not: roots, and what they were made from.
  private(set) var rooted: Set<Int64> = []
  /// Runs whose logs stay.
  private(set) var runs: Set<RunID> = []
  /// Runs that are going on.
  private(set) var live: Set<RunID> = []
  /// Keys that live runs use.
  private var liveKeys: Set<Key> = []
  /// The newest run that used a key.
  private var lastUse: [Key: Int64] = [:]

  init(_ cache: Cache, _ policy: CollectionPolicy) throws {
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
          liveKeys.formUnion(try session.pins(of: run))
        }
        let isRecent = try policy.since.map { try row.asked.startedAt >= $0 } ?? false
        let isWanted = succeeded[row.pipeline, default: 0] < policy.runs || isRecent
        guard isLive || (isWanted && !policy.forgottenRuns.contains(run)) else { continue }
        if row.outcome == RunOutcome.succeeded.rawValue { succeeded[row.pipeline, default: 0] += 1 }
        runs.insert(run)
        let used = try session.steps(of: row).lazy.compactMap(\.key)
        if isLive { liveKeys.formUnion(used) }
        for key in used where lastUse[key] == nil { lastUse[key] = row.id }
        keys.formUnion(used)
      }
      keys.formUnion(liveKeys)
      if !policy.roots.isEmpty { rooted = try Self.ancestry(of: Set(policy.roots), session) }
      if let limit = policy.largestSize { try shrink(to: limit, session) }
    }
  }

  func keeps(_ execution: StoredExecution) -> Bool {
    keys.contains(execution.key) || rooted.contains(execution.id) || live.contains(execution.execution.run)
  }

  /// The executions that gave some digests, and all that they took from, sub-stages too.
  private static func ancestry(of digests: Set<Digest>, _ session: IndexSession) throws -> Set<Int64> {
    var sources: [Int64: [Int64]] = [:]
    var open: [Int64] = []
    try session.forEachExecution { stored in
      let details = stored.execution.details
      sources[stored.id] = details.inputs.map(\.execution) + details.children
      if !digests.isDisjoint(with: stored.execution.productDigests) { open.append(stored.id) }
    }
    var found = Set(open)
    while let next = open.popLast() {
      for source in sources[next] ?? [] where found.insert(source).inserted { open.append(source) }
    }
    return found
  }

  /// Lets go of the keys that were used longest ago, until what is kept fits.
  private mutating func shrink(to limit: Int, _ session: IndexSession) throws {
    var sizes: [Digest: Int] = [:]
    try session.forEachContent { digest, _, bytes in sizes[digest] = bytes }
    var holders: [Digest: Int] = [:]
    var candidates: [(use: Int64, key: Key, digests: [Digest])] = []
    try session.forEachExecution { stored in
      guard keeps(stored) else { return }
      let digests = Array(Set(stored.execution.outputs.values.map(\.digest)))
      for digest in digests { holders[digest, default: 0] += 1 }
      guard !rooted.contains(stored.id), !liveKeys.contains(stored.key), !live.contains(stored.execution.run) else {
        return
      }
      candidates.append((lastUse[stored.key] ?? 0, stored.key, digests))
    }
    var total = holders.keys.reduce(0) { $0 + (sizes[$1] ?? 0) }
    for candidate in candidates.sorted(by: { ($0.use, $0.key) < ($1.use, $1.key) }) {
      guard total > limit else { return }
      keys.remove(candidate.key)
      for digest in candidate.digests {
        let left = (holders[digest] ?? 1) - 1
        holders[digest] = left
        if left == 0 { total -= sizes[digest] ?? 0 }
      }
    }
  }
}
