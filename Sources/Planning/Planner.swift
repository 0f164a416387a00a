/// Turns a declared pipeline into a plan: what would run, what is cached, and why.
public struct Planner: Sendable {
  public let store: any ArtifactStore
  public let options: PlanOptions

  public init(store: any ArtifactStore, options: PlanOptions = PlanOptions()) {
    self.store = store
    self.options = options
  }

  /// Plans `pipeline`. Reads the user's files and the store's index; runs nothing and writes nothing.
  ///
  /// - Parameter run: the run to pin cached results to, if one has begun.
  /// - Throws: `PlanFaults` with everything that is wrong with the pipeline; the store's own errors as they are.
  public func plan(_ pipeline: Pipeline, for run: RunID? = nil) throws -> Plan {
    var faults = FaultCollector()
    var catalogue = StageCatalogue()
    let labels = Labelling(pipeline, catalogue: &catalogue, faults: &faults).labels
    let discovery = Discovery(
      pipeline, labels: labels, options: options, catalogue: &catalogue, faults: &faults)
    let graph = DependentGraph(inputs: discovery.inputs)
    let selection = Selection(options, discovery: discovery, labels: labels, graph: graph, faults: &faults)
    let sources = SourceReading(discovery: discovery, labels: labels, store: store, faults: &faults).digests

    let previous = PreviousRun(try store.previousSteps(of: options.pipeline, before: run))
    var lookup = Lookup(discovery: discovery, graph: graph, isForced: selection.isForced, sources: sources)
    try lookup.run(
      store: store, profile: options.machine.numerics, expecting: previous.steps.compactMap(\.key), pinnedBy: run)
    let facts = Forecasting(
      pipeline, discovery: discovery, labels: labels, executions: lookup.executions, faults: &faults
    ).facts

    var plan = Plan(
      options: options,
      steps: steps(of: pipeline, discovery, labels, graph, &catalogue),
      roots: discovery.roots,
      warnings: pipeline.stages.indices.filter { discovery.stepOfNode[$0] < 0 }.map { .unreached(label: labels[$0]) },
      sources: sources, graph: graph, previous: previous)
    for step in plan.steps.indices {
      plan.steps[step].isSelected = selection.isSelected[step]
      plan.steps[step].isForced = selection.isForced[step]
      plan.steps[step].facts = facts[step] ?? .unknown
      plan.steps[step].key = lookup.keys[step]
    }
    try StatusAssignment(lookup: lookup, store: store).assign(to: &plan, faults: &faults)
    guard faults.isEmpty else { throw PlanFaults(faults.sorted) }
    return plan
  }

  private func steps(
    of pipeline: Pipeline, _ discovery: Discovery, _ labels: [String], _ graph: DependentGraph,
    _ catalogue: inout StageCatalogue
  ) -> [Step] {
    var steps: [Step] = []
    steps.reserveCapacity(discovery.nodes.count)
    for (index, node) in discovery.nodes.enumerated() {
      let stage = pipeline.stages[node].stage
      let traits = catalogue.traits(of: type(of: stage))
      steps.append(
        Step(
          index: index, node: node, label: labels[node], stage: stage, identity: traits.identity,
          determinism: traits.determinism, resources: stage.resources,
          template: discovery.templates[index] ?? .unencodable, inputs: discovery.inputs[index],
          dependentCount: graph.count(of: index)))
    }
    return steps
  }
}
