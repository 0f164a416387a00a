/// Makes the steps: says of each whether it is cached, runs, waits, or was not asked for.
///
/// Adds the faults that only this shows: inputs of a selected step that are neither cached nor selected, and requests for
/// resources that can never be met.
struct StepAssembly {
  let pipeline: Pipeline
  let options: PlanOptions
  let store: any ArtifactStore
  let labels: [String]
  let discovery: Discovery
  let graph: DependentGraph
  let selection: Selection
  let lookup: Lookup
  let facts: [KnownFacts?]
  let previous: PreviousRun
  let code: CodeTable

  func steps(catalogue: inout StageCatalogue, faults: inout FaultCollector) throws -> [Step] {
    var steps: [Step] = []
    steps.reserveCapacity(discovery.nodes.count)
    // What a fault has spoilt, directly or through an input, is not reported again as missing.
    var isSpoilt = [Bool](repeating: false, count: discovery.nodes.count)
    for (index, node) in discovery.nodes.enumerated() {
      let stage = pipeline.stages[node].stage
      let traits = catalogue.traits(of: stage)
      let resources = stage.resources
      isSpoilt[index] =
        faults.faulty.contains(node) || discovery.inputs[index].contains { isSpoilt[$0.step] }
      if selection.isSelected[index], lookup.executions[index] == nil {
        ResourceCheck.check(resources, options.capacity) { fault in
          faults.add(fault.located(Place(stage: labels[node])), node: node)
        }
      }
      if selection.isSelected[index], !isSpoilt[index] { checkInputs(of: index, &faults) }
      steps.append(
        Step(
          index: index, node: node, label: labels[node], stage: stage, traits: traits, resources: resources,
          template: discovery.templates[index] ?? .unencodable, inputs: discovery.inputs[index],
          dependentCount: graph.count(of: index), isSelected: selection.isSelected[index],
          isForced: selection.isForced[index], facts: facts[index], key: lookup.keys[index],
          status: try status(of: index, identity: traits.identity)))
    }
    return steps
  }

  private func status(of step: Int, identity: StageIdentity) throws -> Step.Status {
    if let execution = lookup.executions[step] { return .cached(execution) }
    guard selection.isSelected[step] else { return .unselected }
    if let recipe = lookup.missing[step], let key = lookup.keys[step] {
      if selection.isForced[step] { return .execute(.forced) }
      if options.codeChanges == .rerun,
        let hit = try store.executions(of: [key], preferring: options.machine.numerics, pinnedBy: nil)[key]
      {
        return .execute(.codeChanged(code.changes(since: hit)))
      }
      let label = labels[discovery.nodes[step]]
      return .execute(try previous.reason(toRun: recipe, key: key, label: label, stage: identity, in: store))
    }
    return .waiting(
      on: discovery.inputs[step].lazy.map(\.step).filter { lookup.executions[$0] == nil }.uniqued())
  }

  private func checkInputs(of step: Int, _ faults: inout FaultCollector) {
    var seen: Set<Int> = []
    for input in discovery.inputs[step] where !selection.isSelected[input.step] && lookup.executions[input.step] == nil
    {
      guard seen.insert(input.step).inserted else { continue }
      let (node, producer) = (discovery.nodes[step], labels[discovery.nodes[input.step]])
      faults.add(
        RetortError(
          "plan.input-not-cached", "Its input “\(producer)” is not cached, and was not asked for.",
          remedy: "Run with --until \(labels[node]), or run “\(producer)” first.",
          at: Place(stage: labels[node], field: discovery.templates[step]?.field(of: .input(input.edge)))),
        node: node)
    }
  }
}
