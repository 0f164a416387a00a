import Declaring
import Planning

/// Runs one plan: each step as soon as its inputs are known and its resources free, the longest way first.
///
/// Every decision is made here, on a thread of its own; stages run on others. All work for a step is constant but for its
/// edges, and nothing recurses, so a chain of 100,000 steps is as good as a fan.
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
  /// Threads at work and clocks running: while there are any, somebody will call back.
  var live = 0
  /// A step failed and the run does not keep going: running stages end their work, no other begins.
  var isClosing = false
  var finished: CheckedContinuation<Void, Never>?
  var hasStarted = false

  public init(
    plan: Plan, store: any ArtifactStore, request: RunRequest, options: RunOptions, events: EventBus = EventBus([]),
    executor: any StageExecutor = LocalExecutor()
  ) {
    self.plan = plan
    self.store = store
    self.request = request
    self.options = options
    self.events = events
    self.executor = executor
    let threads = max(1, options.threads)
    pool = ResourcePool(cores: threads, memory: options.memory, jobs: options.jobs ?? threads)
    share = ThreadShare(total: threads)
  }

  /// Runs the plan to its end and records the run. Failures of steps are part of the summary, not thrown.
  ///
  /// Cancelling the calling task stops the run at once, as the second `stop()` does.
  /// - Throws: `RetortError` where the run could not be recorded at its beginning or was begun before.
  public func run() async throws -> RunSummary {
    guard !hasStarted else {
      throw RetortError("run.twice", "A scheduler runs its plan once.", blame: .internal)
    }
    hasStarted = true
    let start = Clock.steady
    try begin()
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        finished = continuation
        advance()
      }
    } onCancel: {
      self.stopNow()
    }
    return await end(since: start)
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

  // MARK: Beginning

  private func begin() throws {
    let hits = plan.hits
    let run = try store.beginRun(request, steps: plan.runSteps, hits: hits)
    environment = StepEnvironment(
      store: store, run: run, profile: plan.options.machine.numerics, defaultSeed: plan.options.defaultSeed,
      schedule: .init(every: options.checkpointEvery), events: events, share: share, executor: executor)
    let cached = plan.count { $0.isSelected && $0.cached != nil }
    events.post(
      .planned(run: run, pipeline: request.pipeline, steps: plan.count(where: \.isSelected), cached: cached))
    states = plan.steps.map { step in
      StepState(
        id: step.index,
        step: RunStage(
          label: step.label, stage: step.stage, identity: step.identity, resources: step.resources,
          isForced: step.isForced))
    }
    measureHeights()
    for (state, step) in zip(states, plan.steps) {
      state.key = step.key
      switch step.status {
      case .cached(let hit):
        state.execution = hit
        if step.isSelected { settle(state, .cached) } else { state.phase = .done }
      case .unselected: state.phase = .done
      case .execute, .waiting:
        // What planning has looked up is not there; another look follows under the lease.
        state.isLookedUp = step.key != nil
        state.missing = Self.count(of: step.inputs) { plan.steps[$0].cached == nil }
        if state.missing == 0 { arrived.append(state.id) }
      }
    }
  }

  /// How many different steps inputs come from that are `wanted`.
  private static func count(of inputs: [Planning.Step.Input], wanted: (Int) -> Bool) -> Int {
    if inputs.count < 2 { return inputs.first.map { wanted($0.step) } ?? false ? 1 : 0 }
    return Set(inputs.lazy.map(\.step)).count(where: wanted)
  }

  /// The length of the longest way from each step to an end.
  private func measureHeights() {
    for index in plan.steps.indices.reversed() {
      for input in plan.steps[index].inputs {
        states[input.step].height = max(states[input.step].height, states[index].height + 1)
      }
    }
  }

  func followers(of id: Int) -> ArraySlice<Int32> { id < plan.steps.count ? plan.dependents(of: id) : [] }

  private func isAskedFor(_ state: StepState) -> Bool { state.parent != nil || plan.steps[state.id].isSelected }

  // MARK: Ending

  private func end(since start: Double) async -> RunSummary {
    let isStopped = signal.level > .none
    for state in states where state.status == nil && isAskedFor(state) {
      settle(state, .skipped(isStopped ? .interrupted : isClosing ? .runFailed : .needsFailed))
    }
    var faults: [RetortError] = []
    var counts = RunCounts()
    var results: [StepResult] = []
    results.reserveCapacity(states.count)
    var isInterrupted = false
    var hasFailed = false
    for state in states {
      guard let status = state.status else { continue }
      switch status {
      case .ran: counts.ran += 1
      case .cached: counts.cached += 1
      case .failed:
        counts.failed += 1
        // Whether a failed sub-stage fails its parent is the parent's to say.
        if state.parent == nil { hasFailed = true }
      case .skipped(let reason):
        counts.skipped += 1
        if reason == .interrupted { isInterrupted = true }
      case .interrupted:
        counts.skipped += 1
        isInterrupted = true
      }
      results.append(
        StepResult(
          label: state.step.label, stage: state.step.identity, key: state.key, status: status,
          execution: state.execution, seconds: state.seconds, attempts: state.attempts, log: state.log))
    }
    faults += await deliver()
    let outcome: RunOutcome =
      isInterrupted ? .interrupted : hasFailed || !faults.isEmpty ? .failed : .succeeded
    let run = environment?.run ?? RunID(0)
    do {
      try store.finishRun(
        run, outcome: outcome, steps: records(), ran: counts.ran, cached: counts.cached, failed: counts.failed)
    } catch {
      faults.append(RetortError(of: error, in: nil))
    }
    let seconds = Clock.steady - start
    let final: RunOutcome = outcome == .succeeded && !faults.isEmpty ? .failed : outcome
    events.post(.runFinished(run: run, outcome: final, counts: counts, seconds: seconds))
    await events.flush()
    return RunSummary(run: run, outcome: final, counts: counts, steps: results, seconds: seconds, faults: faults)
  }

  private func records() -> [RunStep] {
    states.compactMap { state in
      let outcome: StepOutcome
      switch state.status {
      case .ran: outcome = .ran
      case .cached: outcome = .cached
      case .failed: outcome = .failed
      case .skipped, .interrupted: outcome = .skipped
      case nil: outcome = state.execution == nil ? .pending : .cached
      }
      return RunStep(
        label: state.step.label, stage: state.step.identity, key: state.key, outcome: outcome,
        execution: state.execution?.id, parent: state.parent.map { states[$0].step.label })
    }
  }

  private func deliver() async -> [RetortError] {
    let orders = states.compactMap { state -> Delivery? in
      guard let execution = state.execution else { return nil }
      return Delivery(of: state.step.stage, label: state.step.label, execution: execution)
    }
    guard !orders.isEmpty else { return [] }
    return await Delivery.carryOut(orders, from: store, events: events)
  }
}
