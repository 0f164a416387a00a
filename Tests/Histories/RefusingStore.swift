import Artifacts

/// A store whose calls a test may refuse.
public final class RefusingStore: ArtifactStore {
  public enum Call: Hashable, Sendable {
    /// Of so many keys; of a run or of a plan.
    case lookUp(keys: Int, isOfRun: Bool)
    case beginRun, finishRun, leaseKey, leaseDevice, beginAttempt
    /// Before an attempt publishes, and after it.
    case publish, published
    case fail
  }

  private let base: any ArtifactStore
  private let check: @Sendable (Call) throws -> Void

  /// - Parameter check: called before each call goes to `base`; what it throws is thrown instead.
  public init(_ base: any ArtifactStore, check: @escaping @Sendable (Call) throws -> Void) {
    (self.base, self.check) = (base, check)
  }

  public func executions(
    of keys: [Key], preferring profile: NumericsProfile, pinnedBy run: RunID?
  ) throws -> [Key: Execution] {
    try check(.lookUp(keys: keys.count, isOfRun: run != nil))
    return try base.executions(of: keys, preferring: profile, pinnedBy: run)
  }

  public func recipe(of key: Key) throws -> Recipe? { try base.recipe(of: key) }
  public func content(of digest: Digest) throws -> Content { try base.content(of: digest) }

  public func previousSteps(of pipeline: String, before run: RunID?) throws -> [RunStep] {
    try base.previousSteps(of: pipeline, before: run)
  }

  public func beginRun(_ request: RunRequest, steps: [RunStep], hits: [Execution]) throws -> RunID {
    try check(.beginRun)
    return try base.beginRun(request, steps: steps, hits: hits)
  }

  public func finishRun(
    _ run: RunID, outcome: RunOutcome, steps: [RunStep], ran: Int, cached: Int, failed: Int
  ) throws {
    try check(.finishRun)
    try base.finishRun(run, outcome: outcome, steps: steps, ran: ran, cached: cached, failed: failed)
  }

  public func lease(_ key: Key) throws -> (any Lease)? {
    try check(.leaseKey)
    return try base.lease(key)
  }

  public func lease(_ device: Device) throws -> (any Lease)? {
    try check(.leaseDevice)
    return try base.lease(device)
  }

  public func beginAttempt(
    of key: Key, recipe: Recipe, stage: StageIdentity, label: String, run: RunID
  ) throws -> any Attempt {
    try check(.beginAttempt)
    return RefusingAttempt(
      base: try base.beginAttempt(of: key, recipe: recipe, stage: stage, label: label, run: run), check: check)
  }

  public func snapshotFile(of key: Key) throws -> FilePath { try base.snapshotFile(of: key) }
  public func digest(of source: SourceDeclaration) throws -> Digest { try base.digest(of: source) }
}

private struct RefusingAttempt: Attempt {
  let base: any Attempt
  let check: @Sendable (RefusingStore.Call) throws -> Void

  var folder: FilePath { get throws { try base.folder } }
  var log: FilePath { base.log }
  func openLog() throws -> OpenFile { try base.openLog() }

  func publish(_ parts: [OutputPart], details: ExecutionDetails) throws -> Execution {
    // It may be cut before the publication, and after it: then nobody hears of what was published.
    try check(.publish)
    let execution = try base.publish(parts, details: details)
    try check(.published)
    return execution
  }

  func fail(_ error: RetortError) throws {
    try check(.fail)
    try base.fail(error)
  }

  func abandon() throws { try base.abandon() }
}
