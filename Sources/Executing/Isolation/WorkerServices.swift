import Declaring
import Dispatch
import FoundationEssentials
import Synchronization

/// What a stage stands on in a worker: asks its run over the channel, and keeps checkpoints by itself.
final class WorkerServices: StageServices {
  private struct State {
    var next = 0
    var waiting: [Int: @Sendable (WorkerAnswer) -> Void] = [:]
    var isGone = false
  }

  let defaultSeed: UInt64
  let devices: [String: [String]]
  private let channel: MessageChannel
  private let checkpoints: Checkpointer
  private let signal = StopSignal()
  private let throttle = ProgressThrottle()
  private let state = Mutex(State())

  init(_ channel: MessageChannel, _ job: WorkerJob) {
    self.channel = channel
    (defaultSeed, devices) = (job.defaultSeed, job.devices)
    let file = FilePath(job.snapshot)
    checkpoints = Checkpointer(
      profile: job.profile, schedule: .init(every: job.checkpointEvery),
      log: { _ = try? channel.send(FromWorker.log($0)) },
      written: { _ = try? channel.send(FromWorker.checkpointed(bytes: $0, seconds: $1)) }, locate: { file })
  }

  /// Takes answers and requests to stop until the run is gone.
  func listen() {
    while let message = try? channel.receive(ToWorker.self) {
      switch message {
      case .begin: break
      case .stop(let level): signal.raise(to: StopLevel(rawValue: level) ?? .now)
      case .answer(let number, let answer):
        state.withLock { $0.waiting.removeValue(forKey: number) }?(answer)
      }
    }
    // Nobody will ever answer.
    signal.raise(to: .now)
    let left = state.withLock { state in
      state.isGone = true
      defer { state.waiting = [:] }
      return Array(state.waiting.values)
    }
    for waiting in left { waiting(.failure(WorkerError(CancellationError()))) }
  }

  /// Ends writing; the run may publish and remove the snapshot from then on.
  func close() {
    if let rest = throttle.rest() { _ = try? channel.send(FromWorker.progress(WorkerProgress(rest))) }
    checkpoints.close()
  }

  // MARK: Asking

  private func post(_ call: WorkerCall, then: @escaping @Sendable (WorkerAnswer) -> Void) {
    let number = state.withLock { state -> Int? in
      guard !state.isGone else { return nil }
      state.next += 1
      state.waiting[state.next] = then
      return state.next
    }
    guard let number else { return then(.failure(WorkerError(CancellationError()))) }
    do {
      if try channel.send(FromWorker.call(number, call)) { return }
    } catch {
      state.withLock { $0.waiting.removeValue(forKey: number) }?(.failure(WorkerError(error)))
      return
    }
    state.withLock { $0.waiting.removeValue(forKey: number) }?(.failure(WorkerError(CancellationError())))
  }

  private func ask(_ call: WorkerCall) throws -> WorkerAnswer {
    let arrived = DispatchSemaphore(value: 0)
    let answer = Box()
    post(call) { reply in
      answer.value.withLock { $0 = reply }
      arrived.signal()
    }
    arrived.wait()
    guard let found = answer.value.withLock({ $0 }) else { throw CancellationError() }
    if case .failure(let error) = found { throw error.error }
    return found
  }

  private final class Box: Sendable { let value = Mutex<WorkerAnswer?>(nil) }

  private static let nonsense = RetortError("worker.message", "The run answered another question.", blame: .internal)

  // MARK: Services

  var threads: Int {
    guard case .threads(let count)? = try? ask(.threads) else { return 1 }
    return count
  }

  func part(of edge: Edge) throws -> StoredPart {
    guard case .part(let part) = try ask(.part(edge)) else { throw Self.nonsense }
    return StoredPart(content: part.content, facts: part.facts)
  }

  func copy(_ source: SourceDeclaration) throws -> FilePath {
    guard case .path(let path) = try ask(.copy(WorkerSource(source))) else { throw Self.nonsense }
    return FilePath(path)
  }

  func check(_ source: SourceDeclaration) throws {
    guard case .done = try ask(.check(WorkerSource(source))) else { throw Self.nonsense }
  }

  func makeFolder(_ name: String) throws -> FilePath {
    guard case .path(let path) = try ask(.makeFolder(name)) else { throw Self.nonsense }
    return FilePath(path)
  }

  func report(_ progress: Declaring.Progress) {
    guard let shown = throttle.pass(progress) else { return }
    _ = try? channel.send(FromWorker.progress(WorkerProgress(shown)))
  }

  func record(_ name: String, _ value: Double) { _ = try? channel.send(FromWorker.metric(name, value)) }
  func log(_ line: String) { _ = try? channel.send(FromWorker.log(line)) }

  var isStopRequested: Bool { signal.level > .none }
  func checkCancellation() throws { if signal.level == .now { throw CancellationError() } }

  func restore() throws -> Snapshot? { try checkpoints.restore() }

  func checkpoint(_ make: () throws -> Snapshot) throws { try checkpoints.checkpoint(at: signal.level, make) }

  func run<S: Stage>(_ stage: S) async throws -> Edge {
    let options = try WorkerHost.encode(stage)
    let answer = await withCheckedContinuation { continuation in
      post(.run(stage: StageTypes.name(of: S.self), options: options)) { continuation.resume(returning: $0) }
    }
    switch answer {
    case .edge(let edge): return edge
    case .failure(let error): throw error.error
    default: throw Self.nonsense
    }
  }
}
