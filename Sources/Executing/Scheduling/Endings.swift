import Declaring
import Planning

extension Scheduler {
  /// A thread has ended its try at a step.
  func ended(_ id: Int, _ control: AttemptControl, _ ending: StepEnding) {
    let state = states[id]
    // One that was given up was accounted for then.
    guard state.control === control else { return endDeafness(of: control) }
    live -= 1
    release(state)
    switch ending {
    case .busy: waitForOthers(state)
    case .found(let execution):
      state.execution = execution
      settle(state, .cached)
    case .ran(let execution, let seconds, let log):
      state.execution = execution
      state.seconds += seconds
      state.log = log
      settle(state, .ran)
    case .failed(let error, let seconds, let log):
      state.seconds += seconds
      state.log = log
      failed(state, error)
    case .interrupted(let seconds, let log):
      state.seconds += seconds
      state.log = log
      settle(state, .interrupted)
    case .givenUp: break
    }
    land(state)
    advance()
  }

  /// Gives back what a running step held, and ends what it runs inside itself.
  func release(_ state: StepState) {
    state.control = nil
    state.task = nil
    state.clock?.cancel()
    state.clock = nil
    if state.holdsGrant { give(state) }
    state.devices = []
    answer(state, .failure(CancellationError()))
    endInside(state)
    state.open = 0
  }

  func give(_ state: StepState) {
    state.holdsGrant = false
    pool.give(state.wish, state.heldDevices)
    releaseDevices(of: state)
    share.update(running: pool.running, usedCores: pool.usedCores)
  }

  /// The steps that waited for the same key look again.
  func land(_ state: StepState) {
    guard let key = state.key, let waiting = flights.removeValue(forKey: key) else { return }
    for id in waiting where states[id].phase == .parked {
      states[id].isLookedUp = false
      arrived.append(id)
    }
  }

  /// Another run computes the key: looks again in a while, seldomer each time.
  private func waitForOthers(_ state: StepState) {
    state.attempts -= 1
    do {
      try refuseDeafness(over: state)
      pause(state)
    } catch {
      fail(state, RetortError(of: error, in: state.step.label))
    }
  }

  /// Parks a step that needs what another run has leased, and looks again later.
  func pause(_ state: StepState, device: String? = nil) {
    guard signal.level == .none else { return settle(state, interruption(of: state)) }
    if !state.isWaitingForOthers, let key = state.key {
      state.isWaitingForOthers = true
      events.post(.waiting(label: state.step.label, key: key, device: device))
    }
    state.phase = .parked
    let id = state.id
    clock(state, seconds: state.patience) { await $0.wake(id, looks: true) }
    state.patience = min(0.25, state.patience * 1.5)
  }

  /// A try has failed: there is another one, or the step has failed.
  func failed(_ state: StepState, _ error: RetortError) {
    guard error.isTransient, isOpen(for: state), let wait = options.retries.wait(after: state.attempts) else {
      return fail(state, error)
    }
    events.post(.failed(label: state.step.label, ErrorReport(error), retry: wait))
    state.failure = error
    state.phase = .parked
    let id = state.id
    clock(state, seconds: wait) { await $0.wake(id, looks: false) }
  }

  func fail(_ state: StepState, _ error: RetortError) {
    settle(state, .failed(error))
    guard state.parent == nil else { return }
    if !options.keepsGoing { close() }
    // Whatever needs it cannot run; a list instead of recursion, for chains are long.
    var open = Array(followers(of: state.id))
    while let id = open.popLast() {
      let follower = states[Int(id)]
      guard follower.status == nil, follower.phase == .waiting else { continue }
      settle(follower, .skipped(.needsFailed))
      open.append(contentsOf: followers(of: Int(id)))
    }
  }

  /// Lets nothing begin but what running stages wait for.
  private func close() {
    guard !isClosing else { return }
    isClosing = true
    withdraw { $0.parent == nil && $0.phase != .running }
    for state in states.prefix(plan.steps.count) where state.phase == .parked {
      state.clock?.cancel()
      refuse(state)
    }
  }

  /// Takes steps out of the queue that may not begin any more; the others stay.
  func withdraw(_ isRefused: (StepState) -> Bool) {
    for id in ready.drain() {
      let state = states[id]
      if isRefused(state) {
        refuse(state)
      } else {
        let rank = state.phase == .running ? 2 : state.parent == nil ? 0 : 1
        ready.add(.init(step: id, rank: rank, height: state.height), wish: state.wish)
      }
    }
  }

  /// Writes down how a step ended and lets those go on that wait for it.
  func settle(_ state: StepState, _ status: StepResult.Status) {
    guard state.status == nil else { return }
    state.status = status
    state.phase = .done
    post(state, status)
    if state.execution != nil {
      for id in followers(of: state.id) {
        let follower = states[Int(id)]
        follower.missing -= 1
        if follower.missing == 0, follower.phase == .waiting { arrived.append(Int(id)) }
      }
    }
    guard let waiter = state.waiter else { return }
    state.waiter = nil
    switch status {
    case .ran, .cached:
      if let execution = state.execution {
        waiter.resume(returning: execution)
      } else {
        waiter.resume(throwing: CancellationError())
      }
    case .failed(var error):
      // It had its own tries; the stage that runs it gets no more for the same failure.
      error.isTransient = false
      waiter.resume(throwing: error)
    case .skipped, .interrupted: waiter.resume(throwing: CancellationError())
    }
  }

  private func post(_ state: StepState, _ status: StepResult.Status) {
    guard events.isActive else { return }
    let label = state.step.label
    switch status {
    case .ran:
      guard let execution = state.execution else { return }
      events.post(
        .finished(
          label: label, key: execution.key, digests: execution.outputs.mapValues(\.digest),
          seconds: execution.details.seconds, metrics: execution.details.metrics))
    case .cached:
      guard let execution = state.execution else { return }
      events.post(.cached(label: label, key: execution.key, digests: execution.outputs.mapValues(\.digest)))
    case .failed(let error): events.post(.failed(label: label, ErrorReport(error), retry: nil))
    case .skipped(let reason): events.post(.skipped(label: label, reason: reason))
    case .interrupted: events.post(.skipped(label: label, reason: .interrupted))
    }
  }
}
