import Declaring
import Synchronization

/// What a running stage stands on in a real run.
final class AttemptServices: StageServices {
  private struct State {
    var folders: Set<String> = []
    var sources = 0
    var metrics: [String: Double] = [:]
    var children: [Execution] = []
    /// Sub-stages that are open, since when, and how long others were in all.
    var open = 0
    var openSince = 0.0
    var lent = 0.0
  }

  let label: String
  let attempt: any Attempt
  let control: AttemptControl
  let checkpoints: Checkpointer
  let attemptLog: AttemptLog
  private let inputs: [Edge: Execution]
  private let sources: [SourceDeclaration: Digest]
  private let store: any ArtifactStore
  private let events: EventBus
  private let share: ThreadShare
  private let cores: Int
  /// What the stage asked for, in bytes; 0 where it did not.
  let memory: Int
  let devices: [String: [String]]
  private let scheduler: Scheduler
  private let step: Int
  private let arena = SubArena.next()
  private let throttle = ProgressThrottle()
  private let state = Mutex(State())
  let defaultSeed: UInt64

  init(
    job: StepJob, attempt: any Attempt, checkpoints: Checkpointer, log: AttemptLog, environment: StepEnvironment
  ) {
    label = job.label
    inputs = job.inputs
    sources = job.sources
    control = job.control
    cores = job.cores
    memory = job.memory
    devices = Dictionary(grouping: job.devices, by: \.name).mapValues { $0.map(\.id) }
    scheduler = job.scheduler
    step = job.step
    self.attempt = attempt
    self.checkpoints = checkpoints
    attemptLog = log
    store = environment.store
    events = environment.events
    share = environment.share
    defaultSeed = environment.defaultSeed
  }

  var threads: Int { share.threads(cores: cores) }
  var metrics: [String: Double] { state.withLock { $0.metrics } }
  var children: [Int64] { state.withLock { $0.children.map(\.id) } }
  /// Seconds that the stage waited for its sub-stages, and for its turn after them: their time is their own.
  var lent: Double { state.withLock { $0.lent } }

  // MARK: Inputs

  /// The execution whose output `edge` names: an input, or a sub-stage of this attempt.
  func execution(of edge: Edge) throws -> Execution {
    if edge.arena == arena {
      let child = state.withLock { $0.children.indices.contains(edge.node) ? $0.children[edge.node] : nil }
      if let child { return child }
    } else if let input = inputs[edge] ?? inputs[Edge(node: edge.node, arena: edge.arena)] {
      return input
    }
    throw RetortError(
      "stage.undeclared-input", "The stage reads a reference that is no stored property of it.",
      remedy: "Make it a stored property of the stage, so that its key covers it.",
      at: Place(stage: label, field: edge.port.isEmpty ? nil : edge.port), blame: .stage)
  }

  func part(of edge: Edge) throws -> StoredPart {
    guard let output = try execution(of: edge).output(edge.port) else {
      throw RetortError(
        "stage.unknown-port", "An input has no part “\(edge.port)”.", at: Place(stage: label, field: edge.port),
        blame: .stage)
    }
    return StoredPart(content: try store.content(of: output.digest), facts: output.facts)
  }

  func copy(_ source: SourceDeclaration) throws -> FilePath {
    let planned = try planned(source)
    let number = state.withLock { state in
      state.sources += 1
      return state.sources
    }
    let folder = try attempt.folder.appending("sources").appending(String(number))
    try Files.makeFolder(folder)
    guard try source.copy(into: folder) == planned else { throw changed(source) }
    return source.members == nil ? folder.appending(source.fileName) : folder
  }

  func check(_ source: SourceDeclaration) throws {
    guard try store.digest(of: source) == planned(source) else { throw changed(source) }
  }

  private func planned(_ source: SourceDeclaration) throws -> Digest {
    if let planned = sources[source] { return planned }
    throw RetortError(
      "stage.undeclared-source", "The stage reads a file that is no stored property of it.",
      remedy: "Make it a stored property of the stage, so that its key covers it.",
      at: Place(stage: label, file: source.path.string), blame: .stage)
  }

  private func changed(_ source: SourceDeclaration) -> RetortError {
    RetortError(
      "source.changed", "The file was changed while running: it is not what was planned.", remedy: "Run again.",
      at: Place(stage: label, file: source.path.string))
  }

  // MARK: Output

  func makeFolder(_ name: String) throws -> FilePath {
    let path = FilePath(name)
    guard path.isRelative, path.components.count == 1, path.components.first?.kind == .regular else {
      throw RetortError(
        "stage.folder-name", "“\(name)” is no plain name of a folder.", at: Place(stage: label), blame: .stage)
    }
    let unused = state.withLock { state in
      var unused = name
      var count = 1
      while !state.folders.insert(unused).inserted {
        count += 1
        unused = "\(name)-\(count)"
      }
      return unused
    }
    let folder = try attempt.folder.appending("outputs").appending(unused)
    try Files.makeFolder(folder)
    return folder
  }

  // MARK: Work

  func report(_ progress: Progress) {
    guard events.isActive, let shown = throttle.pass(progress) else { return }
    events.post(.progress(label: label, shown))
  }

  /// Shows the progress that was held back last.
  func flush() {
    if let rest = throttle.rest() { events.post(.progress(label: label, rest)) }
  }

  func record(_ name: String, _ value: Double) {
    state.withLock { $0.metrics[name] = value }
    events.post(.metric(label: label, name: name, value: value))
  }

  func log(_ line: String) {
    attemptLog.append(line)
    events.post(.log(label: label, line: line))
  }

  func checkCancellation() throws {
    if control.level == .now { throw CancellationError() }
  }

  var isStopRequested: Bool { control.level > .none }

  // MARK: Checkpoints

  func restore() throws -> Snapshot? { try checkpoints.restore() }

  func checkpoint(_ make: () throws -> Snapshot) throws { try checkpoints.checkpoint(at: control.level, make) }

  // MARK: Sub-stages

  func run<S: Stage>(_ stage: S) async throws -> Edge {
    state.withLock { state in
      if state.open == 0 { state.openSince = Clock.steady }
      state.open += 1
    }
    defer {
      state.withLock { state in
        state.open -= 1
        if state.open == 0 { state.lent += Clock.steady - state.openSince }
      }
    }
    let execution = try await scheduler.runSubStage(stage, of: step, self)
    return state.withLock { state in
      state.children.append(execution)
      return Edge(node: state.children.count - 1, arena: arena)
    }
  }
}
