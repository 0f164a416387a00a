/// Lets every stage check its options against what is known of its inputs.
struct Forecasting {
  /// By step; nil for unknown.
  private(set) var facts: [Facts?]
  private(set) var warnings: [PlanWarning] = []

  /// - Parameter executions: cached results, whose recorded facts are truer than any forecast.
  init(
    _ pipeline: Pipeline, discovery: Discovery, labels: [String], executions: [Execution?],
    faults: inout FaultCollector
  ) {
    facts = Array(repeating: nil, count: discovery.nodes.count)
    for (step, node) in discovery.nodes.enumerated() where discovery.templates[step] != nil {
      let known = facts
      var forecast = Self.forecast(discovery.inputs[step]) { known[$0] }
      let expected = pipeline.stages[node].stage.forecast(&forecast)
      for fault in forecast.faults { faults.add(fault.located(Place(stage: labels[node])), node: node) }
      for warning in forecast.warnings { warnings.append(.unwise(warning.located(Place(stage: labels[node])))) }
      if let recorded = executions[step]?.facts, recorded != .unknown {
        facts[step] = recorded
      } else if forecast.faults.isEmpty, expected != .unknown {
        // What a faulty stage expects of its output would only raise the same fault again further down.
        facts[step] = expected
      }
    }
  }

  /// - Parameter facts: what is known of a step's output.
  static func forecast(_ inputs: [Step.Input], from facts: @escaping (Int) -> Facts?) -> Forecast {
    if inputs.count > 16 {
      var known: [Edge: Facts] = [:]
      for input in inputs { known[input.edge] = facts(input.step)?.port(input.edge.port) }
      return Forecast(inputs: known)
    }
    return Forecast { edge in
      guard let input = inputs.first(where: { $0.edge == edge }) else { return .unknown }
      return facts(input.step)?.port(edge.port) ?? .unknown
    }
  }
}
