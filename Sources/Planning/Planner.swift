/// Turns a declared pipeline into a plan: what would run, what is cached, and why.
public struct Planner: Sendable {
  public let options: PlanOptions
  let open: @Sendable () throws -> any ArtifactStore

  public init(store: any ArtifactStore, options: PlanOptions = PlanOptions()) {
    self.init(options: options) { store }
  }

  /// - Parameter open: gives the store, the same each time. Each plan calls it once, on a thread of its own, and each
  ///   sub-stage where it names files.
  public init(options: PlanOptions, open: @escaping @Sendable () throws -> any ArtifactStore) {
    self.options = options
    self.open = open
  }

  /// Plans `pipeline`. Reads the user's files and the store's index; runs nothing and writes nothing.
  ///
  /// - Parameters:
  ///   - run: the run to pin cached results to, if one has begun.
  ///   - recollecting: of the same pipeline in the same store, where it has begun before.
  /// - Throws: `PlanFaults` with everything that is wrong with the pipeline; errors of the store, or of opening it, as they
  ///   are.
  public func plan(
    _ pipeline: Pipeline, for run: RunID? = nil, with recollecting: Recollecting? = nil
  ) throws -> Plan {
    let (open, profile) = (open, options.machine.numerics)
    let recollecting =
      recollecting ?? Recollecting(of: options.pipeline, preferring: { profile }, for: run, in: { try open() })
    var faults = FaultCollector()
    var catalogue = StageCatalogue(machine: options.machine)
    let labels = Labelling(pipeline, catalogue: &catalogue, faults: &faults).labels
    let encoding = TemplateEncoding(pipeline.stages, options: options)
    if encoding.isLarge { recollecting.afterwards { encoding.help() } }
    let discovery = Discovery(
      pipeline, labels: labels, encoding: encoding, catalogue: &catalogue, faults: &faults)
    let graph = DependentGraph(inputs: discovery.inputs)
    let selection = Selection(options, discovery: discovery, labels: labels, graph: graph, faults: &faults)
    let known = try recollecting.value()
    let (store, previous) = (known.store, known.previous)
    let sources = SourceReading(discovery: discovery, labels: labels, store: store, faults: &faults).digests

    let code = catalogue.code
    let view = CurrentCodeStore.view(of: store, under: options.codeChanges, code)
    var lookup = Lookup(discovery: discovery, graph: graph, isForced: selection.isForced, sources: sources)
    try lookup.run(
      store: view, profile: options.machine.numerics,
      knowing: CurrentCodeStore.current(known.executions, under: options.codeChanges, code), pinnedBy: run)
    let forecasting = Forecasting(
      pipeline, discovery: discovery, labels: labels, executions: lookup.executions, faults: &faults)

    let steps = try StepAssembly(
      pipeline: pipeline, options: options, store: store, labels: labels, discovery: discovery, graph: graph,
      selection: selection, lookup: lookup, facts: forecasting.facts, previous: previous, code: code
    ).steps(catalogue: &catalogue, faults: &faults)
    guard faults.isEmpty else { throw PlanFaults(faults.sorted) }
    let unreached = labels.indices.filter { discovery.stepOfNode[$0] < 0 }.map {
      PlanWarning.unreached(label: labels[$0])
    }
    return Plan(
      options: options, steps: steps, roots: discovery.roots,
      warnings: unreached + forecasting.warnings + codeWarnings(steps, code),
      sources: sources, code: code, graph: graph, previous: previous)
  }

  /// Cached results of other code, a warning for each set of files.
  private func codeWarnings(_ steps: [Step], _ code: CodeTable) -> [PlanWarning] {
    guard options.codeChanges == .warn, !code.isEmpty else { return [] }
    var labels: [[String]: [String]] = [:]
    for step in steps where step.isSelected {
      guard let hit = step.cached else { continue }
      let files = code.changes(since: hit)
      if !files.isEmpty { labels[files, default: []].append(step.label) }
    }
    return labels.sorted { $0.value[0] < $1.value[0] }.map { .otherCode(labels: $0.value, files: $0.key) }
  }
}
