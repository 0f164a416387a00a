/// Says of each step whether it is cached, runs, waits, or was not asked for.
struct StatusAssignment {
  let lookup: Lookup
  let store: any ArtifactStore

  /// Adds the faults that only statuses show: inputs of a selected step that are neither cached nor selected, and
  /// requests for resources that can never be met.
  func assign(to plan: inout Plan, faults: inout FaultCollector) throws {
    // What a fault has spoilt, directly or through an input, is not reported again as missing.
    var isSpoilt = [Bool](repeating: false, count: plan.steps.count)
    for index in plan.steps.indices {
      let step = plan.steps[index]
      isSpoilt[index] = faults.faulty.contains(step.node) || step.inputs.contains { isSpoilt[$0.step] }
      plan.steps[index].status = try status(of: step, in: plan)
      guard step.isSelected else { continue }
      if !isSpoilt[index] { checkInputs(of: step, in: plan, &faults) }
      if plan.steps[index].cached == nil {
        for fault in ResourceCheck.faults(of: step.resources, capacity: plan.options.capacity) {
          faults.add(fault.located(Place(stage: step.label)), node: step.node)
        }
      }
    }
  }

  private func status(of step: Step, in plan: Plan) throws -> Step.Status {
    if let execution = lookup.executions[step.index] { return .cached(execution) }
    guard step.isSelected else { return .unselected }
    if let recipe = lookup.missing[step.index], let key = step.key {
      if step.isForced { return .execute(.forced) }
      return .execute(
        try plan.previous.reason(toRun: recipe, key: key, label: step.label, stage: step.identity, in: store))
    }
    return .waiting(on: step.inputs.lazy.map(\.step).filter { lookup.executions[$0] == nil }.uniqued())
  }

  private func checkInputs(of step: Step, in plan: Plan, _ faults: inout FaultCollector) {
    var seen: Set<Int> = []
    for input in step.inputs {
      let producer = plan.steps[input.step]
      guard !producer.isSelected, producer.cached == nil, seen.insert(input.step).inserted else { continue }
      faults.add(
        RetortError(
          "plan.input-not-cached", "Its input “\(producer.label)” is not cached, and was not asked for.",
          remedy: "Run with --until \(step.label), or run “\(producer.label)” first.",
          at: Place(stage: step.label, field: step.template.field(of: .input(input.edge)))), node: step.node)
    }
  }
}
