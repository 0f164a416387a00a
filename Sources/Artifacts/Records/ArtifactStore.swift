/// What a run needs of a cache. `Storing` implements it on disk, `RetortTesting` in memory.
///
/// All calls are synchronous and safe from any thread.
public protocol ArtifactStore: Sendable {
  // MARK: Reading

  /// The valid executions of `keys`: those whose objects are there with the right size. Prefers the given profile, else
  /// the oldest; of several with that profile the newest. With a run, the hits are pinned to it in the same step: no
  /// collection removes them while it lives.
  func executions(
    of keys: [Key], preferring profile: NumericsProfile, pinnedBy run: RunID?
  ) throws -> [Key: Execution]

  /// The recipe of a key that was ever executed or attempted.
  func recipe(of key: Key) throws -> Recipe?

  /// The content of an artifact.
  func content(of digest: Digest) throws -> Content

  /// The steps of the newest run of `pipeline` before `run` (nil: of all), newest first by label; for *why*.
  func previousSteps(of pipeline: String, before run: RunID?) throws -> [RunStep]

  // MARK: Runs

  /// Records a run that begins, and holds it alive until it is finished or the process ends. `hits` are pinned: no
  /// collection removes them while the run lives.
  func beginRun(_ request: RunRequest, steps: [RunStep], hits: [Execution]) throws -> RunID
  func finishRun(_ run: RunID, outcome: RunOutcome, steps: [RunStep], ran: Int, cached: Int, failed: Int) throws

  // MARK: Computing

  /// Takes the lease of a key, or returns nil while another process or task holds it. The kernel releases it when the
  /// process ends.
  func lease(_ key: Key) throws -> (any Lease)?

  /// Takes a device for one stage, or returns nil while another process or task that shares the store has it. The kernel
  /// releases it when the process ends.
  func lease(_ device: Device) throws -> (any Lease)?

  /// Opens an attempt: a folder of its own in staging, and a log.
  func beginAttempt(of key: Key, recipe: Recipe, stage: StageIdentity, label: String, run: RunID) throws -> any Attempt

  // MARK: Checkpoints

  /// Where the snapshot of a key lies while it is computed.
  func snapshotFile(of key: Key) throws -> FilePath

  // MARK: Sources

  /// The digest of a file or folder of the user's, read now; a remembered stat tuple may spare the reading.
  func digest(of source: SourceDeclaration) throws -> Digest
}

/// The right to compute a key or to use a device; dropped or `release`d, it is free.
public protocol Lease: Sendable {
  func release()
}

/// One computation on its way: what it writes is seen by nobody until `publish` returns.
public protocol Attempt: Sendable {
  /// The attempt's own folder, made when it is first asked for. Everything in it that is not published goes with the
  /// attempt.
  var folder: FilePath { get throws }
  /// Where the attempt's log goes: a file that its first line makes, in a folder that exists.
  var log: FilePath { get }

  /// Opens the log, and makes it where it is missing.
  func openLog() throws -> OpenFile

  /// Hashes, syncs and moves the parts into the store, then records the execution in one transaction.
  ///
  /// A part whose folder lies in the store already (an input that is returned as output) is recorded, not moved.
  func publish(_ parts: [OutputPart], details: ExecutionDetails) throws -> Execution

  /// Records the failure and keeps the log.
  func fail(_ error: RetortError) throws

  /// Leaves without a trace but the log: an interruption is neither success nor failure.
  func abandon() throws
}

extension Attempt {
  public func openLog() throws -> OpenFile { try OpenFile(log, .updating) }
}
