import Declaring
import Planning

extension Scheduler {
  /// Whether nothing is left to run.
  nonisolated var isAllThere: Bool {
    for index in plan.steps.indices where plan.steps[index].isSelected {
      guard case .cached = plan.steps[index].status else { return false }
    }
    return true
  }

  nonisolated func announce(_ run: RunID) {
    guard events.isActive else { return }
    var steps = 0
    var cached = 0
    for index in plan.steps.indices where plan.steps[index].isSelected {
      steps += 1
      if plan.steps[index].cached != nil { cached += 1 }
    }
    events.post(.planned(run: run, pipeline: request.pipeline, steps: steps, cached: cached))
  }

  /// Notes where each step stands, and who may begin at once.
  func begin(_ run: RunID) {
    environment = StepEnvironment(
      store: store, run: run, profile: plan.options.machine.numerics, defaultSeed: plan.options.defaultSeed,
      schedule: .init(every: options.checkpointEvery), events: events, share: share, executor: executor)
    states = plan.steps.map { step in
      StepState(
        id: step.index,
        step: RunStage(
          label: step.label, stage: step.stage, identity: step.identity, resources: step.resources,
          isForced: step.isForced))
    }
    measureHeights()
    for index in plan.steps.indices {
      let state = states[index]
      state.key = plan.steps[index].key
      switch plan.steps[index].status {
      case .cached(let hit):
        state.execution = hit
        if plan.steps[index].isSelected { settle(state, .cached) } else { state.phase = .done }
      case .unselected: state.phase = .done
      case .execute, .waiting:
        // What planning has looked up is not there; another look follows under the lease.
        state.isLookedUp = state.key != nil
        state.missing = missing(plan.steps[index].inputs)
        if state.missing == 0 { arrived.append(state.id) }
      }
    }
  }

  /// How many different steps have to run before these inputs are known.
  private func missing(_ inputs: [Planning.Step.Input]) -> Int {
    if inputs.count < 2 { return inputs.first.map { plan.steps[$0.step].cached == nil } ?? false ? 1 : 0 }
    return Set(inputs.lazy.map(\.step)).count { plan.steps[$0].cached == nil }
  }

  /// The length of the longest way from each step to an end, by what steps took before.
  private func measureHeights() {
    let lengths = CriticalPath.lengths(plan.steps.count, seconds: plan.earlierSeconds(in: store)) { [plan] step in
      plan.steps[step].inputs.lazy.map(\.step)
    }
    for index in plan.steps.indices { states[index].height = lengths[index] }
  }

  func followers(of id: Int) -> ArraySlice<Int32> { id < plan.steps.count ? plan.dependents(of: id) : [] }
}
