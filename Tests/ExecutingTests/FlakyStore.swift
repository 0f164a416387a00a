import Artifacts
import RetortTesting
import Synchronization

/// A store whose first look-up of several keys for a run, and whose first lease of a device, fail in a way that passes.
final class FlakyStore: ArtifactStore {
  private let base: MemoryStore
  private let done = Mutex<Set<String>>([])

  init(_ base: MemoryStore) { self.base = base }

  /// How many calls failed.
  var refusals: Int { done.withLock { $0.count } }

  private func refuse(_ call: String) throws {
    guard done.withLock({ $0.insert(call).inserted }) else { return }
    throw RetortError("test.flaky", "It did not work this time.", blame: .environment, isTransient: true)
  }

  func executions(
    of keys: [Key], preferring profile: NumericsProfile, pinnedBy run: RunID?
  ) throws -> [Key: Execution] {
    if keys.count > 1, run != nil { try refuse("look-up") }
    return try base.executions(of: keys, preferring: profile, pinnedBy: run)
  }

  func lease(_ device: Device) throws -> (any Lease)? {
    try refuse("device")
    return try base.lease(device)
  }

  func lease(_ key: Key) throws -> (any Lease)? { try base.lease(key) }
  func recipe(of key: Key) throws -> Recipe? { try base.recipe(of: key) }
  func content(of digest: Digest) throws -> Content { try base.content(of: digest) }
  func snapshotFile(of key: Key) throws -> FilePath { try base.snapshotFile(of: key) }
  func digest(of source: SourceDeclaration) throws -> Digest { try base.digest(of: source) }

  func previousSteps(of pipeline: String, before run: RunID?) throws -> [RunStep] {
    try base.previousSteps(of: pipeline, before: run)
  }

  func beginRun(_ request: RunRequest, steps: [RunStep], hits: [Execution]) throws -> RunID {
    try base.beginRun(request, steps: steps, hits: hits)
  }

  func finishRun(
    _ run: RunID, outcome: RunOutcome, steps: [RunStep], ran: Int, cached: Int, failed: Int
  ) throws {
    try base.finishRun(run, outcome: outcome, steps: steps, ran: ran, cached: cached, failed: failed)
  }

  func beginAttempt(
    of key: Key, recipe: Recipe, stage: StageIdentity, label: String, run: RunID
  ) throws -> any Attempt {
    try base.beginAttempt(of: key, recipe: recipe, stage: stage, label: label, run: run)
  }
}
