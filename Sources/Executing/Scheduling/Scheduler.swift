import Declaring
import Planning
import Synchronization

/// Runs one plan: each step as soon as its inputs are known and its resources free, the longest way first.
///
/// Every decision is made here, on a thread of its own; stages run on others. All work for a step is constant but for its
/// edges, and nothing recurses, so a chain of 100,000 steps is as good as a fan. A run with nothing to do makes no decision
/// and ends on the thread that asked for it.
public actor Scheduler {
  let coordinator = CoordinatorThread()
  public nonisolated var unownedExecutor: UnownedSerialExecutor { coordinator.asUnownedSerialExecutor() }

  let plan: Plan
  let store: any ArtifactStore
  let request: RunRequest
  let options: RunOptions
  let events: EventBus
  let executor: any StageExecutor
  nonisolated let signal = StopSignal()

  // What follows is set by `run`.
  var environment: StepEnvironment?
  var states: [StepState] = []
  /// Steps whose inputs have just become known.
  var arrived: [Int] = []
  var ready = ReadyQueue()
  var pool: ResourcePool
  let share: ThreadShare
  /// Keys that this run computes now, with the steps that want the same.
  var flights: [Key: [Int]] = [:]
  /// Attempts that were given up and have not ended yet.
  var deaf: [DeafAttempt] = []
  /// Threads at work and clocks running: while there are any, somebody will call back.
  var live = 0
  /// A step failed and the run does not keep going: running stages end their work, no other begins.
  var isClosing = false
  var finished: CheckedContinuation<Void, Never>?
  private let hasStarted = Atomic<Bool>(false)

  public init(
    plan: Plan, store: any ArtifactStore, request: RunRequest, options: RunOptions, events: EventBus = EventBus([]),
    executor: any StageExecutor = LocalExecutor()
  ) {
    self.plan = plan
    self.store = CurrentCodeStore.view(of: store, under: plan.options.codeChanges, plan.code)
    self.request = request
    self.options = options
    self.events = events
    self.executor = executor
    let threads = max(1, options.threads)
    pool = ResourcePool(cores: threads, memory: options.memory, jobs: options.jobs ?? threads, devices: options.devices)
    share = ThreadShare(total: threads)
  }

  /// Runs the plan to its end and records the run. Failures of steps are part of the summary, not thrown.
  ///
  /// Cancelling the calling task stops the run at once, as the second `stop()` does.
  /// - Throws: `RetortError` where the run could not be recorded at its beginning or was begun before.
  public nonisolated func run() async throws -> RunSummary {
    guard !hasStarted.exchange(true, ordering: .relaxed) else {
      throw RetortError("run.twice", "A scheduler runs its plan once.", blame: .internal)
    }
    let start = Clock.steady
    let steps = plan.runSteps
    let run = try store.beginRun(request, steps: steps, hits: plan.hits)
    announce(run)
    if isAllThere { return await concludeHits(run, steps, since: start) }
    return await carryOut(run, since: start)
  }

  private func carryOut(_ run: RunID, since start: Double) async -> RunSummary {
    begin(run)
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        finished = continuation
        advance()
      }
    } onCancel: {
      self.stopNow()
    }
    return await conclude(run, since: start)
  }

  /// Asks the run to end: the first time at each stage's next checkpoint, from the second time on at once.
  ///
  /// Safe from any thread; what was finished stays.
  public nonisolated func stop() {
    signal.raise(to: signal.level == .none ? .checkpoint : .now)
    Task { await self.stopped() }
  }

  nonisolated func stopNow() {
    signal.raise(to: .now)
    Task { await self.stopped() }
  }
}
