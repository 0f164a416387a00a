import Artifacts
import FoundationEssentials
import Synchronization

/// A cache in memory: for tests of plans, runs and stages. Folders lie below a temporary one that goes with the store.
public final class MemoryStore: ArtifactStore {
  struct State {
    var executions: [Key: [Execution]] = [:]
    var recipes: [Key: Recipe] = [:]
    var contents: [Digest: Content] = [:]
    var runs: [Run] = []
    var held: Set<Held> = []
    var failures: [Failure] = []
    var lookups: [Int] = []
    var nextExecution: Int64 = 1
    var nextAttempt = 1
  }

  enum Held: Hashable {
    case key(Key)
    case device(Device)
  }

  /// A run as it was begun and finished.
  public struct Run: Sendable {
    public var id: RunID
    public var request: RunRequest
    public var steps: [RunStep]
    public var outcome: RunOutcome
    public var ran = 0
    public var cached = 0
    public var failed = 0
  }

  public let root: FilePath
  let state = Mutex(State())

  public init() {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("retort-memory-\(UUID().uuidString)").path
    root = FilePath(path)
  }

  deinit { try? Files.remove(root) }

  // MARK: Reading

  public func executions(
    of keys: [Key], preferring profile: NumericsProfile, pinnedBy run: RunID?
  ) throws -> [Key: Execution] {
    state.withLock { state in
      state.lookups.append(keys.count)
      var found: [Key: Execution] = [:]
      for key in keys {
        let valid = (state.executions[key] ?? []).filter { execution in
          execution.outputs.values.allSatisfy { state.contents[$0.digest] != nil }
        }
        found[key] = valid.last { $0.details.profile == profile } ?? valid.first
      }
      return found
    }
  }

  public func recipe(of key: Key) throws -> Recipe? { state.withLock { $0.recipes[key] } }

  public func content(of digest: Digest) throws -> Content {
    guard let content = state.withLock({ $0.contents[digest] }) else {
      throw RetortError("object.missing", "No artifact has the digest \(digest.short).", blame: .environment)
    }
    return content
  }

  public func previousSteps(of pipeline: String, before run: RunID?) throws -> [RunStep] {
    state.withLock { state in
      state.runs.last { $0.request.pipeline == pipeline && $0.id < run ?? RunID(.max) }?.steps ?? []
    }
  }

  // MARK: Runs

  public func beginRun(_ request: RunRequest, steps: [RunStep], hits: [Execution]) throws -> RunID {
    state.withLock { state in
      let id = RunID(Int64(state.runs.count + 1))
      state.runs.append(Run(id: id, request: request, steps: steps, outcome: .running))
      return id
    }
  }

  public func finishRun(
    _ run: RunID, outcome: RunOutcome, steps: [RunStep], ran: Int, cached: Int, failed: Int
  ) throws {
    state.withLock { state in
      guard let index = state.runs.firstIndex(where: { $0.id == run }) else { return }
      state.runs[index].outcome = outcome
      state.runs[index].steps = steps
      (state.runs[index].ran, state.runs[index].cached, state.runs[index].failed) = (ran, cached, failed)
    }
  }

  // MARK: Computing

  public func lease(_ key: Key) throws -> (any Lease)? { hold(.key(key)) }
  public func lease(_ device: Device) throws -> (any Lease)? { hold(.device(device)) }

  private func hold(_ held: Held) -> (any Lease)? {
    state.withLock { $0.held.insert(held).inserted } ? MemoryLease(held, self) : nil
  }

  public func beginAttempt(
    of key: Key, recipe: Recipe, stage: StageIdentity, label: String, run: RunID
  ) throws -> any Attempt {
    let number = state.withLock { state in
      state.recipes[key] = recipe
      state.nextAttempt += 1
      return state.nextAttempt - 1
    }
    let logs = root.appending("logs")
    try Files.makeFolder(logs)
    return MemoryAttempt(
      store: self, key: key, stage: stage, label: label, run: run,
      place: root.appending("staging").appending("\(number)"), log: logs.appending("\(number).log"))
  }

  public func snapshotFile(of key: Key) throws -> FilePath {
    let folder = root.appending("snapshots")
    try Files.makeFolder(folder)
    return folder.appending(key.digest.hex)
  }

  // MARK: Sources

  public func digest(of source: SourceDeclaration) throws -> Digest { try source.digest() }
}

// What tests look at and break.
extension MemoryStore {
  public var runs: [Run] { state.withLock { $0.runs } }
  /// The keys that were ever computed, in no order.
  public var knownKeys: [Key] { state.withLock { Array($0.executions.keys) } }
  public var failures: [Failure] { state.withLock { $0.failures } }
  /// The number of keys in each call of `executions` so far.
  public var lookups: [Int] { state.withLock { $0.lookups } }

  /// How many executions there are of all keys together.
  public var executionCount: Int { state.withLock { $0.executions.values.reduce(0) { $0 + $1.count } } }

  /// Loses the content of an artifact, as a disk might.
  public func lose(_ digest: Digest) { state.withLock { _ = $0.contents.removeValue(forKey: digest) } }

  /// Records an execution as if it had run: for tests of plans.
  @discardableResult
  public func record(
    _ recipe: Recipe, stage: StageIdentity, parts: [OutputPart], profile: NumericsProfile = .unknown,
    run: RunID = RunID(1)
  ) throws -> Execution {
    state.withLock { $0.recipes[recipe.key] = recipe }
    let details = ExecutionDetails(startedAt: 0, seconds: 0, profile: profile)
    return try publish(parts, of: recipe.key, stage: stage, run: run, details: details)
  }

  func publish(
    _ parts: [OutputPart], of key: Key, stage: StageIdentity, run: RunID, details: ExecutionDetails
  ) throws -> Execution {
    var outputs: [String: ArtifactRecord] = [:]
    var contents: [Digest: Content] = [:]
    for part in parts {
      let (digest, bytes, content) = try stored(part.content)
      contents[digest] = content
      outputs[part.port] = ArtifactRecord(digest: digest, kind: part.kind, bytes: bytes, facts: part.facts)
    }
    return state.withLock { state in
      state.contents.merge(contents) { known, _ in known }
      let execution = Execution(
        id: state.nextExecution, key: key, stage: stage, run: run, details: details, outputs: outputs)
      state.nextExecution += 1
      state.executions[key, default: []].append(execution)
      return execution
    }
  }

  func note(_ failure: Failure) { state.withLock { $0.failures.append(failure) } }
  func free(_ held: Held) { state.withLock { _ = $0.held.remove(held) } }

  private func stored(_ content: Content) throws -> (Digest, Int, Content) {
    switch content {
    case .value(let bytes): return (Digest(of: bytes), bytes.count, content)
    case .folder(let folder):
      let manifest = try FolderManifest(of: folder)
      let objects = root.appending("objects")
      let target = objects.appending(manifest.digest.hex)
      if folder != target {
        try Files.makeFolder(objects)
        if try Files.status(of: target) == nil {
          try Files.rename(folder, to: target)
        } else {
          try Files.remove(folder)
        }
      }
      return (manifest.digest, manifest.bytes, .folder(target))
    }
  }
}

private final class MemoryLease: Lease {
  private let held: MemoryStore.Held
  private let store: Mutex<MemoryStore?>

  init(_ held: MemoryStore.Held, _ store: MemoryStore) {
    self.held = held
    self.store = Mutex(store)
  }

  deinit { release() }
  func release() { store.withLock { $0.take() }?.free(held) }
}

private struct MemoryAttempt: Attempt {
  let store: MemoryStore
  let key: Key
  let stage: StageIdentity
  let label: String
  let run: RunID
  let place: FilePath
  let log: FilePath

  var folder: FilePath {
    get throws {
      try Files.makeFolder(place)
      return place
    }
  }

  func publish(_ parts: [OutputPart], details: ExecutionDetails) throws -> Execution {
    let execution = try store.publish(parts, of: key, stage: stage, run: run, details: details)
    try Files.remove(place)
    return execution
  }

  func fail(_ error: RetortError) throws {
    store.note(
      Failure(
        key: key, stage: stage, label: label, run: run, at: 0, code: error.code.rawValue, message: error.message,
        log: log.string))
    try Files.remove(place)
  }

  func abandon() throws { try Files.remove(place) }
}
