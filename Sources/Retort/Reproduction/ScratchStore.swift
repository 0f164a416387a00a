import Artifacts
import Storing
import Synchronization

/// A cache of its own for what is computed again, over one that gives the inputs and is not written.
///
/// It has no hits but recorded inputs and what it computed itself: a result is never compared with itself.
final class ScratchStore: ArtifactStore {
  let base: Cache
  let scratch: Cache
  private let given = Mutex<[Key: Execution]>([:])

  init(base: Cache, scratch: Cache) { (self.base, self.scratch) = (base, scratch) }

  /// Lets a recorded input have the outputs of an execution of the base, or of the scratch cache.
  ///
  /// - Parameter port: of the part that is the input; nil for all.
  func give(_ input: RecordedInput, _ execution: Execution, port: String?) throws {
    let key = try input.key
    let outputs = port.flatMap { execution.output($0) }.map { ["": $0] } ?? execution.outputs
    let shown = Execution(
      id: execution.id, key: key, stage: RecordedInput.identity, run: execution.run, details: execution.details,
      outputs: outputs)
    given.withLock { $0[key] = shown }
  }

  func executions(
    of keys: [Key], preferring profile: NumericsProfile, pinnedBy run: RunID?
  ) throws -> [Key: Execution] {
    let known = given.withLock { given in
      Dictionary(keys.compactMap { key in given[key].map { (key, $0) } }) { first, _ in first }
    }
    let rest = try scratch.executions(of: keys.filter { known[$0] == nil }, preferring: profile, pinnedBy: run)
    return known.merging(rest) { first, _ in first }
  }

  func recipe(of key: Key) throws -> Recipe? { try scratch.recipe(of: key) ?? base.recipe(of: key) }

  func content(of digest: Digest) throws -> Content {
    do {
      return try scratch.content(of: digest)
    } catch let error as RetortError where error.code == "artifact.missing" {
      return try base.content(of: digest)
    }
  }

  func previousSteps(of pipeline: String, before run: RunID?) throws -> [RunStep] { [] }

  func beginRun(_ request: RunRequest, steps: [RunStep], hits: [Execution]) throws -> RunID {
    try scratch.beginRun(request, steps: steps, hits: [])
  }

  func finishRun(_ run: RunID, outcome: RunOutcome, steps: [RunStep], ran: Int, cached: Int, failed: Int) throws {
    try scratch.finishRun(run, outcome: outcome, steps: steps, ran: ran, cached: cached, failed: failed)
  }

  func lease(_ key: Key) throws -> (any Lease)? { try scratch.lease(key) }
  /// Devices are shared with the runs of the other cache.
  func lease(_ device: Device) throws -> (any Lease)? { try base.lease(device) }

  func beginAttempt(
    of key: Key, recipe: Recipe, stage: StageIdentity, label: String, run: RunID
  ) throws -> any Attempt {
    ScratchAttempt(
      attempt: try scratch.beginAttempt(of: key, recipe: recipe, stage: stage, label: label, run: run), base: base)
  }

  func snapshotFile(of key: Key) throws -> FilePath { try scratch.snapshotFile(of: key) }
  func digest(of source: SourceDeclaration) throws -> Digest { try scratch.digest(of: source) }
}

/// An attempt whose stage may return an input as it is, which then lies in the other cache and is copied.
private struct ScratchAttempt: Attempt {
  let attempt: any Attempt
  let base: Cache

  var folder: FilePath { get throws { try attempt.folder } }
  var log: FilePath { attempt.log }
  func openLog() throws -> OpenFile { try attempt.openLog() }

  func publish(_ parts: [OutputPart], details: ExecutionDetails) throws -> Execution {
    let own = try parts.enumerated().map { position, part in
      guard case .folder(let path) = part.content, base.publishes(path) else { return part }
      let copy = try folder.appending("input-\(position)")
      try Files.makeFolder(copy)
      try Files.copyFolder(path, into: copy)
      var part = part
      part.content = .folder(copy)
      return part
    }
    return try attempt.publish(own, details: details)
  }

  func fail(_ error: RetortError) throws { try attempt.fail(error) }
  func abandon() throws { try attempt.abandon() }
}
