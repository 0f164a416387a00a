import Declaring
import Planning

extension Scheduler {
  /// Does all that can be done now. Called whenever something has changed.
  func advance() {
    while !arrived.isEmpty {
      var batch: [Int] = []
      swap(&batch, &arrived)
      look(up: batch)
    }
    dispatch()
    guard live == 0, ready.isEmpty, let finished else { return }
    self.finished = nil
    finished.resume()
  }

  // MARK: Looking up

  /// Fills the recipes of steps whose inputs are known, and takes from the store what is there.
  private func look(up batch: [Int]) {
    var unknown: [StepState] = []
    for id in batch {
      let state = states[id]
      guard state.phase == .waiting || state.phase == .parked else { continue }
      guard isOpen(for: state) else {
        refuse(state)
        continue
      }
      guard fill(state), let key = state.key else { continue }
      if flights[key] != nil {
        park(state, behind: key)
      } else if state.step.isForced || state.isLookedUp {
        queue(state)
      } else {
        unknown.append(state)
      }
    }
    guard !unknown.isEmpty, let environment else { return }
    do {
      let hits = try store.executions(
        of: unknown.compactMap(\.key), preferring: environment.profile, pinnedBy: environment.run)
      for state in unknown where state.phase != .done {
        state.isLookedUp = true
        if let key = state.key, let hit = hits[key] {
          state.execution = hit
          settle(state, .cached)
        } else {
          queue(state)
        }
      }
    } catch {
      for state in unknown where state.phase != .done {
        state.attempts += 1
        failed(state, RetortError(of: error, in: state.step.label))
      }
    }
  }

  /// Whether a step may still begin. A running stage ends its work with all that belongs to it, and only so long as it may
  /// go on itself.
  func isOpen(for state: StepState) -> Bool {
    guard let parent = state.parent, let owner = state.owner else { return signal.level == .none && !isClosing }
    return owner.level == .none && states[parent].control === owner
  }

  /// Ends a step that may not begin. One that waits for its next try has failed.
  func refuse(_ state: StepState) {
    if signal.level > .none {
      settle(state, interruption(of: state))
    } else if let failure = state.failure {
      fail(state, failure)
    } else {
      settle(state, .skipped(.runFailed))
    }
  }

  func interruption(of state: StepState) -> StepResult.Status {
    state.attempts == 0 ? .skipped(.interrupted) : .interrupted
  }

  private func fill(_ state: StepState) -> Bool {
    guard state.recipe == nil else { return true }
    // What planning could not know yet of the inputs it can be told now.
    let states = states
    if let fault = plan.faults(of: state.id, facts: { states[$0].execution?.facts }).first {
      fail(state, fault)
      return false
    }
    let recipe = plan.recipe(of: state.id) { states[$0].execution }
    guard let recipe else {
      fail(
        state,
        RetortError(
          "run.input-missing", "An input has no such part.", at: Place(stage: state.step.label), blame: .internal))
      return false
    }
    state.recipe = recipe
    state.key = recipe.key
    return true
  }

  func inputs(of state: StepState) -> [Edge: Execution] {
    if let given = state.given { return given.inputs }
    var inputs: [Edge: Execution] = [:]
    for input in plan.steps[state.id].inputs { inputs[input.edge] = states[input.step].execution }
    return inputs
  }

  func sources(of state: StepState) -> [SourceDeclaration: Digest] {
    if let given = state.given { return given.sources }
    return plan.sources
  }

  // MARK: Waiting

  private func queue(_ state: StepState) {
    guard isOpen(for: state) else { return refuse(state) }
    if let name = pool.lacks(state.step.resources) { return fail(state, missingDevice(name, of: state)) }
    state.phase = .ready
    state.wish = pool.clamped(state.step.resources)
    ready.add(.init(step: state.id, rank: state.parent == nil ? 0 : 1, height: state.height), wish: state.wish)
  }

  /// Waits for a step of this run that computes the same key.
  private func park(_ state: StepState, behind key: Key) {
    guard !wouldWaitForItself(state, key) else {
      fail(
        state,
        RetortError(
          "stage.cycle", "The stage waits for a result that is being computed from its own.",
          remedy: "Break the circle of stages that run each other.", at: Place(stage: state.step.label), blame: .stage))
      return
    }
    state.phase = .parked
    flights[key, default: []].append(state.id)
  }

  /// Whether whoever computes `key` waits, through sub-stages, for one that `state` belongs to.
  private func wouldWaitForItself(_ state: StepState, _ key: Key) -> Bool {
    guard let parent = state.parent else { return false }
    var ancestors: Set<Key> = []
    var next: Int? = parent
    while let id = next {
      if let key = states[id].key { ancestors.insert(key) }
      next = states[id].parent
    }
    var open = [key]
    var seen: Set<Key> = []
    while let key = open.popLast() {
      if ancestors.contains(key) { return true }
      guard seen.insert(key).inserted else { continue }
      for state in states[plan.steps.count...] where state.phase != .done {
        // Which keys a sub-stage of the one that computes `key` waits for.
        guard let owner = state.parent, states[owner].key == key, let wanted = state.key else { continue }
        open.append(wanted)
      }
    }
    return false
  }

  /// Calls `then` after so many seconds, or at once when the run is asked to stop.
  func clock(_ state: StepState, seconds: Double, then: @escaping @Sendable (Scheduler) async -> Void) {
    live += 1
    state.clock = Task {
      try? await Task.sleep(nanoseconds: UInt64(max(0, seconds) * 1e9))
      await then(self)
    }
  }

  /// A parked step tries again: first whether the result is there by now.
  func wake(_ id: Int, looks: Bool) {
    live -= 1
    let state = states[id]
    state.clock = nil
    if state.phase == .parked {
      if looks { state.isLookedUp = false }
      arrived.append(id)
    }
    advance()
  }

  // MARK: Beginning

  private func dispatch() {
    while let next = ready.next(in: pool) {
      let state = states[next.step]
      if !state.resumes.isEmpty {
        resume(state)
      } else if state.phase != .ready {
        continue
      } else if let key = state.key, flights[key] != nil {
        park(state, behind: key)
      } else {
        start(state)
      }
    }
  }

  private func start(_ state: StepState) {
    guard let key = state.key, let recipe = state.recipe, let environment else { return }
    do {
      guard try leaseDevices(for: state) else { return pause(state, device: state.wish.devices.keys.min()) }
    } catch {
      state.attempts += 1
      return failed(state, RetortError(of: error, in: state.step.label))
    }
    pool.take(state.wish, state.heldDevices)
    state.holdsGrant = true
    share.update(running: pool.running, usedCores: pool.usedCores)
    state.phase = .running
    state.attempts += 1
    state.failure = nil
    flights[key] = flights[key] ?? []
    live += 1
    let id = state.id
    let control = AttemptControl(run: signal)
    state.control = control
    let job = StepJob(
      label: state.step.label, stage: state.step.stage, identity: state.step.identity, key: key, recipe: recipe,
      inputs: inputs(of: state), sources: sources(of: state), code: plan.code.recorded(of: state.step.identity.id),
      isForced: state.step.isForced, number: state.attempts,
      cores: state.wish.cores, memory: state.step.resources.memory,
      devices: state.devices, control: control,
      scheduler: self, step: id)
    state.task = launch(job, id, control, in: environment)
    if let limit = options.timeouts[state.step.label] ?? options.timeout { watch(state, control, seconds: limit) }
  }
  /// Not isolated, so that the task begins on a stage thread and not with a visit to the coordinator.
  private nonisolated func launch(
    _ job: StepJob, _ id: Int, _ control: AttemptControl, in environment: StepEnvironment
  ) -> Task<Void, Never> {
    Task(executorPreference: StageThreads.shared) {
      let ending = await job.perform(in: environment)
      await self.ended(id, control, ending)
    }
  }
}
