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
      var unfinished: Set<RunID> = []
      for row in try session.runs(count: state.runs) {
        let run = RunID(row.id)
        let isLive = try row.outcome == RunOutcome.running.rawValue && cache.isAlive(run)
        if isLive { live.insert(run) }
        let isRecent = try policy.since.map { try row.asked.startedAt >= $0 } ?? false
        let isWanted = succeeded[row.pipeline, default: 0] < policy.runs || isRecent
        guard isLive || (isWanted && !policy.forgottenRuns.contains(run)) else { continue }
        runs.insert(run)
        let steps = try session.steps(of: row)
        // One whose steps a repair lost stands for none of those before it.
        let isKnown = steps.count >= row.ran + row.cached + row.failed
        if row.outcome == RunOutcome.succeeded.rawValue, isKnown { succeeded[row.pipeline, default: 0] += 1 }
        let used = try steps.compactMap(\.key) + session.pins(of: run)
        // What a run computed that never said how it ended is the run's, too: programs of old did not pin it.
        if !isKnown || row.finished == nil || steps.contains(where: { $0.key == nil }) { unfinished.insert(run) }
        if isLive { liveKeys.formUnion(used) }
        for key in used where lastUse[key] == nil { lastUse[key] = row.id }
        keys.formUnion(used)
      }
      if !unfinished.isEmpty {
        try session.forEachExecution { stored in
          let run = stored.execution.run
          guard unfinished.contains(run) else { return }
          keys.insert(stored.key)
          lastUse[stored.key] = max(lastUse[stored.key] ?? 0, run.value)
        }
      }
      if !policy.roots.isEmpty { rooted = try Self.ancestry(of: Set(policy.roots), session) }
      if let limit = policy.largestSize { try shrink(to: limit, session) }
    }
  }

  func keeps(_ execution: StoredExecution) -> Bool {
    keys.contains(execution.key) || rooted.contains(execution.id) || live.contains(execution.execution.run)
  }

  /// The executions that gave some digests, and all that they took from, sub-stages too.
  private static func ancestry(of digests: Set<Digest>, _ session: IndexSession) throws -> Set<Int64> {
    var known: [Int64: (inputs: [ExecutionDetails.Input], children: [Int64])] = [:]
    var makers: [Digest: [Int64]] = [:]
    try session.forEachExecution { stored in
      let details = stored.execution.details
      known[stored.id] = (details.inputs, details.children)
      for digest in stored.execution.productDigests { makers[digest, default: []].append(stored.id) }
    }
    var open = Array(Set(digests.flatMap { makers[$0] ?? [] }))
    var found = Set(open)
    while let next = open.popLast() {
      guard let details = known[next] else { continue }
      // Where the one that gave an input is gone, others gave the same bytes.
      let givers = details.inputs.flatMap { known[$0.execution] == nil ? makers[$0.digest] ?? [] : [$0.execution] }
      for source in givers + details.children where found.insert(source).inserted { open.append(source) }
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
