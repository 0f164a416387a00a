/// Which steps were asked for, and which are executed though cached.
struct Selection {
  private(set) var isSelected: [Bool]
  private(set) var isForced: [Bool]

  init(
    _ options: PlanOptions, discovery: Discovery, labels: [String], graph: DependentGraph, faults: inout FaultCollector
  ) {
    let count = discovery.nodes.count
    var finder = StepFinder(discovery: discovery, labels: labels)
    let only = finder.steps(options.only, flag: "--only", faults: &faults)
    let until = finder.steps(options.until, flag: "--until", faults: &faults)
    let from = finder.steps(options.from, flag: "--from", faults: &faults)

    isSelected = [Bool](repeating: options.only.isEmpty, count: count)
    for step in only { isSelected[step] = true }
    if !options.until.isEmpty {
      // Steps are in topological order, so one sweep each way closes a set.
      var isAncestor = [Bool](repeating: false, count: count)
      for step in until { isAncestor[step] = true }
      for step in isAncestor.indices.reversed() where isAncestor[step] {
        for input in discovery.inputs[step] { isAncestor[input.step] = true }
      }
      for step in isSelected.indices where !isAncestor[step] { isSelected[step] = false }
    }
    if !options.from.isEmpty {
      var isDescendant = [Bool](repeating: false, count: count)
      for step in from { isDescendant[step] = true }
      for step in isDescendant.indices where isDescendant[step] {
        for dependent in graph.dependents(of: step) { isDescendant[Int(dependent)] = true }
      }
      for step in isSelected.indices where !isDescendant[step] { isSelected[step] = false }
    }

    switch options.force {
    case .nothing: isForced = [Bool](repeating: false, count: count)
    case .everything: isForced = isSelected
    case .labels(let labels):
      isForced = [Bool](repeating: false, count: count)
      for step in finder.steps(labels, flag: "--force", faults: &faults) { isForced[step] = isSelected[step] }
    }
  }
}

/// Finds steps by label, and says what is wrong with a label that has none.
private struct StepFinder {
  let discovery: Discovery
  let labels: [String]
  private var positions: [String: Int]?

  init(discovery: Discovery, labels: [String]) {
    self.discovery = discovery
    self.labels = labels
  }

  mutating func steps(_ wanted: [String], flag: String, faults: inout FaultCollector) -> [Int] {
    if wanted.isEmpty { return [] }
    let nodes = positions ?? Dictionary(zip(labels, labels.indices), uniquingKeysWith: { first, _ in first })
    positions = nodes
    return wanted.compactMap { label in
      guard let node = nodes[label] else {
        let hint = Spelling.suggestion(for: label, among: labels)
        faults.add(
          RetortError(
            "plan.label-unknown", "No stage has the label “\(label)”.",
            remedy: hint.map { "Did you mean “\($0)”?" } ?? "The command “plan” lists all labels.",
            at: Place(stage: label, field: flag)))
        return nil
      }
      let step = discovery.stepOfNode[node]
      guard step >= 0 else {
        faults.add(
          RetortError(
            "plan.label-unreached", "Nothing that the pipeline asks for needs the stage “\(label)”.",
            remedy: "Put a reference to it on a line of its own in the body.", at: Place(stage: label, field: flag)))
        return nil
      }
      return Int(step)
    }
  }
}
