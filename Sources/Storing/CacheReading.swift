import Artifacts
import Synchronization

extension Cache {
  public func executions(
    of keys: [Key], preferring profile: NumericsProfile, pinnedBy run: RunID?
  ) throws -> [Key: Execution] {
    let early = try find(keys, profile)
    guard let run, !early.isEmpty else { return early }
    // The sweep of a collection cannot come between finding and pinning.
    let gate = try Gate.pass(locks)
    defer { withExtendedLifetime(gate) {} }
    let found = try find(keys, profile)
    try pin(found.keys, to: run)
    return found
  }

  private func find(_ keys: [Key], _ profile: NumericsProfile) throws -> [Key: Execution] {
    try refresh()
    // Taken before the index is read: what is applied in between is then seen twice rather than not at all.
    let look = pending.withLock { $0.look(up: keys) }
    guard !look.keys.isEmpty else { return [:] }
    var found: [Key: Execution] = [:]
    found.reserveCapacity(look.keys.count)
    var absent: [Key] = []
    try index.reading(isLong: look.keys.count > 2) { session in
      try session.forEachExecutions(of: look.keys) { key, candidates in
        if !look.recent.isEmpty, let more = look.recent[key] {
          candidates += more.filter { new in !candidates.contains { $0.id == new.id } }
        }
        if candidates.isEmpty { absent.append(key) }
        if candidates.count > 1 { candidates = candidates.inOrder(of: profile) }
        for candidate in candidates where try isWhole(candidate, session) {
          found[key] = candidate.execution
          break
        }
      }
    }
    if !absent.isEmpty, pending.withLock({ $0.noteAbsent(absent, after: look) }) {
      // Only to be quicker from now on: what is wrong with the index will be said by who needs it.
      if let keys = try? index.access({ try $0.executedKeys() }) {
        pending.withLock { $0.noteIndexed(keys, after: look) }
      }
    }
    return found
  }

  /// Whether all objects of an execution are there with the right sizes.
  private func isWhole(_ execution: StoredExecution, _ session: IndexSession) throws -> Bool {
    for digest in execution.objects {
      guard let content = try pending.withLock({ $0.content(of: digest) }) ?? session.content(digest) else {
        return false
      }
      guard try ObjectCheck.hasRightSize(layout.object(digest), content) else { return false }
    }
    return true
  }

  public func recipe(of key: Key) throws -> Recipe? {
    if let recent = pending.withLock({ $0.recipe(of: key) }) { return Recipe(bytes: recent) }
    if let known = try index.access({ try $0.recipe(of: key) }) { return Recipe(bytes: known) }
    try refresh()
    return try index.access { try $0.recipe(of: key) }.map(Recipe.init(bytes:))
  }

  public func content(of digest: Digest) throws -> Content {
    if let known = smallContents.withLock({ $0.value(of: digest) }) { return .value(known) }
    guard let stored = try storedContent(digest) else {
      throw RetortError(
        "artifact.missing", "The cache holds no artifact \(digest.short).",
        remedy: "Run again: it will be computed anew.", blame: .environment)
    }
    switch stored.form {
    case .inline:
      smallContents.withLock { $0.note(stored.data, of: digest) }
      return .value(stored.data)
    case .file:
      let path = layout.object(digest)
      let bytes = try Files.read(path)
      guard Digest(of: bytes) == digest else { throw ObjectCheck.damage(path) }
      return .value(bytes)
    case .folder:
      let path = layout.object(digest)
      guard try ObjectCheck.hasRightSize(path, stored) else { throw ObjectCheck.damage(path) }
      return .folder(path)
    }
  }

  /// What this process knows of a digest's content without a look at what others appended.
  func knownContent(_ digest: Digest) throws -> StoredContent? {
    if let recent = pending.withLock({ $0.content(of: digest) }) { return recent }
    return try index.access { try $0.content(digest) }
  }

  func storedContent(_ digest: Digest) throws -> StoredContent? {
    if let known = try knownContent(digest) { return known }
    try refresh()
    return try index.access { try $0.content(digest) }
  }

  /// Whether all outputs of an execution are there with the right sizes.
  public func hasContents(of execution: Execution) throws -> Bool {
    try execution.outputs.values.allSatisfy { output in
      guard let content = try storedContent(output.digest) else { return false }
      return try content.form == .inline || ObjectCheck.hasRightSize(layout.object(output.digest), content)
    }
  }

  /// Whether a path lies among the published objects, which nobody may move.
  public func publishes(_ path: FilePath) -> Bool { layout.digest(ofObject: path) != nil }

  public func previousSteps(of pipeline: String, before run: RunID?) throws -> [RunStep] {
    try settle()
    return try index.access { session in
      guard let state = try session.state() else { return [] }
      var known = KnownSteps()
      try session.forEachRun(count: state.runs) { row in
        guard row.pipeline == pipeline, run.map({ row.id < $0.value }) ?? true else { return true }
        known.add(try session.steps(of: row))
        return !known.isComplete && known.runs < 10
      }
      return known.steps
    }
  }

  public func digest(of source: SourceDeclaration) throws -> Digest {
    try source.digest(using: IndexedSources(cache: self))
  }
}

/// The steps of a pipeline as its newest run knew them. One that was killed early knows few keys; those before it fill the gaps.
private struct KnownSteps {
  private(set) var steps: [RunStep] = []
  private(set) var runs = 0
  private var places: [String: Int] = [:]

  var isComplete: Bool { steps.allSatisfy { $0.key != nil } }

  /// Adds the steps of the run before.
  mutating func add(_ earlier: [RunStep]) {
    defer { runs += 1 }
    guard runs > 0 else { return steps = earlier }
    if runs == 1 {
      places = Dictionary(zip(steps.map(\.label), steps.indices), uniquingKeysWith: { first, _ in first })
    }
    for step in earlier {
      if let place = places[step.label] {
        if steps[place].key == nil { steps[place] = step }
      } else {
        places[step.label] = steps.count
        steps.append(step)
      }
    }
  }
}

extension [StoredExecution] {
  /// The newest of the profile first, then the others, oldest first. The elements come oldest first.
  fileprivate func inOrder(of profile: NumericsProfile) -> [StoredExecution] {
    filter { $0.execution.details.profile == profile }.reversed()
      + filter { $0.execution.details.profile != profile }
  }
}
