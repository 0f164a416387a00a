/// The stages that the roots need, with what they would compute and their inputs.
///
/// A reference only points at a stage declared before, so one sweep from the last stage to the first finds all, and the
/// order of declaration is a topological one.
struct Discovery {
  /// Positions of the reached stages, in order: the position in this list is a step's index.
  private(set) var nodes: [Int] = []
  /// For each declared stage its step, or -1.
  private(set) var stepOfNode: [Int32]
  /// By step. Nil where the options have no canonical form, which is a fault.
  private(set) var templates: [RecipeTemplate?] = []
  /// By step.
  private(set) var inputs: [[Step.Input]] = []
  private(set) var roots: [Int] = []

  /// - Parameter encoding: of the pipeline's stages; a helper may share it.
  init(
    _ pipeline: Pipeline, labels: [String], encoding: TemplateEncoding, catalogue: inout StageCatalogue,
    faults: inout FaultCollector
  ) {
    let check = ReferenceCheck(pipeline: pipeline)
    defer { encoding.end() }
    var isReached = [Bool](repeating: false, count: pipeline.stages.count)
    stepOfNode = [Int32](repeating: -1, count: pipeline.stages.count)

    if pipeline.roots.isEmpty {
      faults.add(
        RetortError(
          "plan.empty", "The pipeline asks for nothing.",
          remedy: "Put a stage, or a reference to one, on a line of its own in the body.", at: Place(field: "body")))
    }
    for root in pipeline.roots {
      if let fault = check.fault(in: root, of: pipeline.stages.count, catalogue: &catalogue) {
        let label = labels.indices.contains(root.node) && root.arena == pipeline.arena ? labels[root.node] : nil
        faults.add(fault.located(Place(stage: label, field: "body")))
      } else {
        isReached[root.node] = true
      }
    }
    for node in pipeline.stages.indices.reversed() where isReached[node] {
      let stage = pipeline.stages[node].stage
      var template: RecipeTemplate?
      switch encoding.template(of: node, catalogue.traits(of: stage)) {
      case .success(let made): template = made
      case .failure(let fault): faults.add(fault.located(Place(stage: labels[node])), node: node)
      }
      var sound: [Step.Input] = []
      for edge in template?.distinctEdges ?? RecipeTemplate.edges(of: stage).uniqued() {
        if let fault = check.fault(in: edge, of: node, catalogue: &catalogue) {
          faults.add(fault.located(Place(stage: labels[node], field: template?.field(of: .input(edge)))), node: node)
        } else {
          isReached[edge.node] = true
          sound.append(Step.Input(edge: edge, step: edge.node))
        }
      }
      nodes.append(node)
      templates.append(template)
      inputs.append(sound)
    }
    nodes.reverse()
    templates.reverse()
    inputs.reverse()
    for (step, node) in nodes.enumerated() {
      stepOfNode[node] = Int32(step)
      let stage = pipeline.stages[node].stage
      catalogue.check(type(of: stage), node: node, label: labels[node], faults: &faults)
      if let fault = catalogue.fault(inUsesOf: stage) {
        faults.add(fault.located(Place(stage: labels[node])), node: node)
      }
    }
    // Only now the steps have numbers.
    for step in inputs.indices {
      for place in inputs[step].indices { inputs[step][place].step = Int(stepOfNode[inputs[step][place].step]) }
    }
    var seen: Set<Int> = []
    roots = pipeline.roots.compactMap { root in
      guard root.arena == pipeline.arena, stepOfNode.indices.contains(root.node) else { return nil }
      let step = Int(stepOfNode[root.node])
      return step >= 0 && seen.insert(step).inserted ? step : nil
    }
  }
}

extension RecipeEncoder {
  func template(of stage: some Stage, traits: StageTraits) throws(RetortError) -> RecipeTemplate {
    do {
      return try template(of: stage, in: try traits.envelope.get())
    } catch let error as RetortError {
      throw error
    } catch {
      throw RetortError(
        "plan.encode", "The options of \(traits.name) cannot be encoded: \(error).",
        remedy: "Let encode(to:) write every option.", at: Place(field: Self.field(of: error)), blame: .stage,
        cause: error)
    }
  }

  private static func field(of error: any Error) -> String? {
    guard case EncodingError.invalidValue(_, let context) = error else { return nil }
    return context.codingPath.last?.stringValue
  }
}
