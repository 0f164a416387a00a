import Declaring
import Planning

extension Scheduler {
  /// How a run ended, before it is recorded.
  private struct Conclusion {
    var run: RunID
    var counts = RunCounts()
    var results: [StepResult] = []
    var records: [RunStep] = []
    var deliveries: [Delivery] = []
    var isInterrupted = false
    var hasFailed = false
  }

  /// Ends a run in which nothing was left to do: what planning found is all there is to say.
  nonisolated func concludeHits(_ run: RunID, _ steps: [RunStep], since start: Double) async -> RunSummary {
    var conclusion = Conclusion(run: run, records: steps)
    conclusion.results.reserveCapacity(plan.steps.count)
    var delivers: [ObjectIdentifier: Bool] = [:]
    for index in plan.steps.indices where plan.steps[index].isSelected {
      guard case .cached(let hit) = plan.steps[index].status else { continue }
      let label = plan.steps[index].label
      conclusion.results.append(
        StepResult(
          label: label, stage: plan.steps[index].identity, key: plan.steps[index].key, status: .cached, execution: hit,
          seconds: 0, attempts: 0, log: nil))
      events.post(.cached(label: label, key: hit.key, digests: hit.outputs.mapValues(\.digest)))
      let type = ObjectIdentifier(type(of: plan.steps[index].stage))
      guard delivers[type] != false else { continue }
      let delivery = Delivery(of: plan.steps[index].stage, label: label, execution: hit) { [plan, store] in
        DeliveryAccount(of: index, in: plan, from: store) { plan.steps[$0].cached }
      }
      delivers[type] = delivery != nil
      if let delivery { conclusion.deliveries.append(delivery) }
    }
    conclusion.counts.cached = conclusion.results.count
    return await conclude(conclusion, since: start)
  }

  /// Says of every step how it ended, delivers, and records the run.
  func conclude(_ run: RunID, since start: Double) async -> RunSummary {
    let isStopped = signal.level > .none
    var conclusion = Conclusion(run: run)
    conclusion.results.reserveCapacity(states.count)
    conclusion.records.reserveCapacity(states.count)
    let executions = states.prefix(plan.steps.count).map(\.execution)
    for state in states {
      if isAskedFor(state) {
        if state.status == nil {
          settle(state, .skipped(isStopped ? .interrupted : isClosing ? .runFailed : .needsFailed))
        }
        if let status = state.status { add(state, status, executions, to: &conclusion) }
      }
      conclusion.records.append(record(of: state))
    }
    return await conclude(conclusion, since: start)
  }

  private func isAskedFor(_ state: StepState) -> Bool { state.parent != nil || plan.steps[state.id].isSelected }

  private func add(
    _ state: StepState, _ status: StepResult.Status, _ executions: [Execution?], to conclusion: inout Conclusion
  ) {
    switch status {
    case .ran: conclusion.counts.ran += 1
    case .cached: conclusion.counts.cached += 1
    case .failed:
      conclusion.counts.failed += 1
      // Whether a failed sub-stage fails its parent is the parent's to say.
      if state.parent == nil { conclusion.hasFailed = true }
    case .skipped(let reason):
      conclusion.counts.skipped += 1
      if reason == .interrupted { conclusion.isInterrupted = true }
    case .interrupted:
      conclusion.counts.skipped += 1
      conclusion.isInterrupted = true
    }
    conclusion.results.append(
      StepResult(
        label: state.step.label, stage: state.step.identity, key: state.key, status: status,
        execution: state.execution, seconds: state.seconds, attempts: state.attempts, log: state.log))
    // What a sub-stage would deliver is its parent's to use.
    if state.parent == nil, let execution = state.execution,
      let delivery = Delivery(
        of: state.step.stage, label: state.step.label, execution: execution,
        account: account(of: state.id, executions))
    {
      conclusion.deliveries.append(delivery)
    }
  }

  /// How the result of a planned step came about, to be told when everything has ended.
  ///
  /// - Parameter executions: of all planned steps.
  private func account(of step: Int, _ executions: [Execution?]) -> @Sendable () -> DeliveryAccount {
    { [plan, store] in
      DeliveryAccount(of: step, in: plan, from: store) { index in
        (executions.indices.contains(index) ? executions[index] : nil) ?? plan.steps[index].cached
      }
    }
  }

  private func record(of state: StepState) -> RunStep {
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

  private nonisolated func conclude(_ conclusion: Conclusion, since start: Double) async -> RunSummary {
    var faults: [RetortError] = []
    if !conclusion.deliveries.isEmpty {
      faults = await Delivery.carryOut(conclusion.deliveries, from: store, events: events)
    }
    var outcome: RunOutcome =
      conclusion.isInterrupted ? .interrupted : conclusion.hasFailed || !faults.isEmpty ? .failed : .succeeded
    let counts = conclusion.counts
    do {
      try store.finishRun(
        conclusion.run, outcome: outcome, steps: conclusion.records, ran: counts.ran, cached: counts.cached,
        failed: counts.failed)
    } catch {
      faults.append(RetortError(of: error, in: nil))
      if outcome == .succeeded { outcome = .failed }
    }
    let seconds = Clock.steady - start
    events.post(.runFinished(run: conclusion.run, outcome: outcome, counts: counts, seconds: seconds))
    await events.flush()
    return RunSummary(
      run: conclusion.run, outcome: outcome, counts: counts, steps: conclusion.results, seconds: seconds,
      faults: faults)
  }
}
