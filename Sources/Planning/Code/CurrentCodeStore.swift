/// A store without the results that other code computed. All else is the store's.
public struct CurrentCodeStore: ArtifactStore {
  let base: any ArtifactStore
  let code: CodeTable

  /// The store that planning and running look into under `changes`.
  public static func view(
    of base: any ArtifactStore, under changes: CodeChanges, _ code: CodeTable
  ) -> any ArtifactStore {
    changes == .rerun && !code.isEmpty ? CurrentCodeStore(base: base, code: code) : base
  }

  /// Those of some results that planning may use under `changes`.
  static func current(
    _ executions: [Key: Execution], under changes: CodeChanges, _ code: CodeTable
  ) -> [Key: Execution] {
    changes == .rerun && !code.isEmpty ? executions.filter { code.changes(since: $0.value).isEmpty } : executions
  }

  public func executions(
    of keys: [Key], preferring profile: NumericsProfile, pinnedBy run: RunID?
  ) throws -> [Key: Execution] {
    Self.current(try base.executions(of: keys, preferring: profile, pinnedBy: run), under: .rerun, code)
  }

  public func recipe(of key: Key) throws -> Recipe? { try base.recipe(of: key) }
  public func content(of digest: Digest) throws -> Content { try base.content(of: digest) }

  public func previousSteps(of pipeline: String, before run: RunID?) throws -> [RunStep] {
    try base.previousSteps(of: pipeline, before: run)
  }

  public func beginRun(_ request: RunRequest, steps: [RunStep], hits: [Execution]) throws -> RunID {
    try base.beginRun(request, steps: steps, hits: hits)
  }

  public func finishRun(
    _ run: RunID, outcome: RunOutcome, steps: [RunStep], ran: Int, cached: Int, failed: Int
  ) throws {
    try base.finishRun(run, outcome: outcome, steps: steps, ran: ran, cached: cached, failed: failed)
  }

  public func lease(_ key: Key) throws -> (any Lease)? { try base.lease(key) }
  public func lease(_ device: Device) throws -> (any Lease)? { try base.lease(device) }

  public func beginAttempt(
    of key: Key, recipe: Recipe, stage: StageIdentity, label: String, run: RunID
  ) throws -> any Attempt {
    try base.beginAttempt(of: key, recipe: recipe, stage: stage, label: label, run: run)
  }

  public func snapshotFile(of key: Key) throws -> FilePath { try base.snapshotFile(of: key) }
  public func digest(of source: SourceDeclaration) throws -> Digest { try base.digest(of: source) }
}
