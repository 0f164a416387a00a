import Declaring
import Dispatch
import FoundationEssentials
import Supervising
import Synchronization

/// The run's side of one worker: answers what it asks, until it says how it ended or is gone.
struct WorkerHost {
  private let program: IsolatedExecutor.Program
  private let services: AttemptServices

  init(_ program: IsolatedExecutor.Program, _ services: AttemptServices) {
    (self.program, self.services) = (program, services)
  }

  /// What the reading thread leaves.
  private final class Conversation: Sendable {
    let ending = Mutex<Result<[OutputPart], any Error>?>(nil)
    /// Nothing sensible comes any more, and nobody reads on: the worker would wait for ever.
    let isBroken = Atomic<Bool>(false)
    let isOver = DispatchSemaphore(value: 0)
  }

  /// Seconds that a body has to end by itself, once it should end now.
  private static let grace = 5.0

  /// Blocks until the worker is gone.
  func run(_ work: StageWork) throws -> [OutputPart] {
    let options = try Self.encode(work.stage)
    let (child, end) = try start()
    let channel = MessageChannel(end)
    let conversation = Conversation()
    StageThreads.shared.run { listen(channel, work, conversation) }
    try channel.send(ToWorker.begin(try job(for: work, options)))
    let result = try wait(for: child, channel, conversation)
    conversation.isOver.wait()
    if let failure = result.memoryFailure(of: "The stage", limit: services.memory, asking: "its resources") {
      throw failure.located(Place(stage: work.label))
    }
    if let ending = conversation.ending.withLock({ $0 }) { return try ending.get() }
    if services.control.level > .none { throw CancellationError() }
    throw RetortError(
      "stage.crashed", "The process of the stage \(result.words).",
      remedy:
        "Its last lines are in the log; SWIFT_BACKTRACE=enable=yes adds where it was. Other stages are untouched.",
      at: Place(stage: work.label),
      blame: .stage)
  }

  /// The child's own end of the channel is let go of once it has started.
  private func start() throws -> (Child, ChannelEnd) {
    let channel = try ChildChannel()
    var environment = program.environment
    environment[Worker.variable] = "3"
    environment.merge(Device.variables(services.devices)) { $1 }
    // The last lines of the log should be the stage's own words, not a hundred lines of registers.
    environment["SWIFT_BACKTRACE"] = environment["SWIFT_BACKTRACE"] ?? "enable=no"
    let child = try Child(
      ChildProgram(
        program.path, name: program.path.string, arguments: program.arguments, environment: environment,
        folder: program.folder, descriptors: [channel.theirs.number]))
    return (child, channel.ours)
  }

  private func job(for work: StageWork, _ options: Data) throws -> WorkerJob {
    WorkerJob(
      label: work.label, stage: StageTypes.name(of: type(of: work.stage)), options: options,
      defaultSeed: services.defaultSeed, devices: services.devices,
      profile: services.checkpoints.profile, checkpointEvery: services.checkpoints.schedule.every,
      snapshot: try services.checkpoints.file().string)
  }

  private func wait(
    for child: Child, _ channel: MessageChannel, _ conversation: Conversation
  ) throws -> ChildResult {
    var told = StopLevel.none
    var toldNow: Double?
    return try child.wait(
      memory: services.memory > 0 ? services.memory : nil,
      until: {
        let level = services.control.level
        if level > told {
          told = level
          _ = try? channel.send(ToWorker.stop(level.rawValue))
        }
        if level == .now, toldNow == nil { toldNow = Clock.steady }
        return services.control.isGivenUp || conversation.isBroken.load(ordering: .relaxed)
          || toldNow.map { Clock.steady - $0 > Self.grace } ?? false
      },
      line: { _, line in services.log(line) })
  }

  // MARK: Conversation

  private func listen(_ channel: MessageChannel, _ work: StageWork, _ conversation: Conversation) {
    defer { conversation.isOver.signal() }
    let types = StageTypes([type(of: work.stage)])
    do {
      while let message = try channel.receive(FromWorker.self) {
        switch message {
        case .call(let number, let call): answer(number, call, channel, types)
        case .progress(let progress): services.report(progress.progress)
        case .metric(let name, let value): services.record(name, value)
        case .log(let line): services.log(line)
        case .checkpointed(let bytes, let seconds): services.checkpoints.tell(bytes, seconds)
        case .finished(let parts): conversation.ending.withLock { $0 = .success(parts.map(\.output)) }
        case .failed(let error): conversation.ending.withLock { $0 = .failure(error.error) }
        }
      }
    } catch {
      conversation.ending.withLock { $0 = $0 ?? .failure(error) }
      conversation.isBroken.store(true, ordering: .relaxed)
    }
  }

  private func answer(_ number: Int, _ call: WorkerCall, _ channel: MessageChannel, _ types: StageTypes) {
    do {
      switch call {
      case .threads: try channel.send(ToWorker.answer(call: number, .threads(services.threads)))
      case .part(let edge):
        let part = try services.part(of: edge)
        try channel.send(ToWorker.answer(call: number, .part(WorkerPart(part.content, part.facts))))
      case .copy(let source):
        try channel.send(ToWorker.answer(call: number, .path(services.copy(source.declaration).string)))
      case .check(let source):
        try services.check(source.declaration)
        try channel.send(ToWorker.answer(call: number, .done))
      case .makeFolder(let name):
        try channel.send(ToWorker.answer(call: number, .path(services.makeFolder(name).string)))
      case .run(let name, let options):
        let stage = try types.stage(name, options: options)
        Task(executorPreference: StageThreads.shared) {
          do {
            let edge = try await services.run(stage)
            try channel.send(ToWorker.answer(call: number, .edge(edge)))
          } catch {
            _ = try? channel.send(ToWorker.answer(call: number, .failure(WorkerError(error))))
          }
        }
      }
    } catch {
      _ = try? channel.send(ToWorker.answer(call: number, .failure(WorkerError(error))))
    }
  }

  static func encode(_ stage: some Stage) throws -> Data { try JSONEncoder.worker.encode(stage) }
}
