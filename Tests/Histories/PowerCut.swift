import Artifacts
import Synchronization

/// A store that does nothing any more from some call on, as one whose process was killed.
public final class PowerCut: ArtifactStore {
  private let base: any ArtifactStore
  private let left: Mutex<Int>
  private let isOfDevices: Bool

  public init(_ base: any ArtifactStore, after calls: Int) {
    (self.base, isOfDevices) = (base, false)
    left = Mutex(calls)
  }

  /// One whose devices alone cannot be leased any more.
  public init(_ base: any ArtifactStore, afterDevices calls: Int) {
    (self.base, isOfDevices) = (base, true)
    left = Mutex(calls)
  }

  /// Whether a call was refused.
  public var hasHappened: Bool { left.withLock { $0 < 0 } }

  fileprivate func count(device: Bool = false) throws {
    guard device || !isOfDevices else { return }
    let isOver = left.withLock { left in
      if left >= 0 { left -= 1 }
      return left < 0
    }
    if isOver { throw RetortError("test.power", "The power is off.", blame: .environment) }
  }

  public func executions(
    of keys: [Key], preferring profile: NumericsProfile, pinnedBy run: RunID?
  ) throws -> [Key: Execution] { try base.executions(of: keys, preferring: profile, pinnedBy: run) }

  public func recipe(of key: Key) throws -> Recipe? { try base.recipe(of: key) }
  public func content(of digest: Digest) throws -> Content { try base.content(of: digest) }

  public func previousSteps(of pipeline: String, before run: RunID?) throws -> [RunStep] {
    try base.previousSteps(of: pipeline, before: run)
  }

  public func beginRun(_ request: RunRequest, steps: [RunStep], hits: [Execution]) throws -> RunID {
    try count()
    return try base.beginRun(request, steps: steps, hits: hits)
  }

  public func finishRun(
    _ run: RunID, outcome: RunOutcome, steps: [RunStep], ran: Int, cached: Int, failed: Int
  ) throws {
    try count()
    try base.finishRun(run, outcome: outcome, steps: steps, ran: ran, cached: cached, failed: failed)
  }

  public func lease(_ key: Key) throws -> (any Lease)? {
    try count()
    return try base.lease(key)
  }

  public func lease(_ device: Device) throws -> (any Lease)? {
    try count(device: true)
    return try base.lease(device)
  }

  public func beginAttempt(
    of key: Key, recipe: Recipe, stage: StageIdentity, label: String, run: RunID
  ) throws -> any Attempt {
    try count()
    return CutAttempt(
      base: try base.beginAttempt(of: key, recipe: recipe, stage: stage, label: label, run: run), cut: self)
  }

  public func snapshotFile(of key: Key) throws -> FilePath { try base.snapshotFile(of: key) }
  public func digest(of source: SourceDeclaration) throws -> Digest { try base.digest(of: source) }
}

private struct CutAttempt: Attempt {
  let base: any Attempt
  let cut: PowerCut

  var folder: FilePath { get throws { try base.folder } }
  var log: FilePath { base.log }

  func publish(_ parts: [OutputPart], details: ExecutionDetails) throws -> Execution {
    // It may be cut before the publication, and after it: then nobody hears of what was published.
    try cut.count()
    let execution = try base.publish(parts, details: details)
    try cut.count()
    return execution
  }

  func fail(_ error: RetortError) throws {
    try cut.count()
    try base.fail(error)
  }

  func abandon() throws { try base.abandon() }
}
