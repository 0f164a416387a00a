/// Lets every stage check its options against what is known of its inputs.
struct Forecasting {
  /// By step; nil for unknown.
  private(set) var facts: [Facts?]

  /// - Parameter executions: cached results, whose recorded facts are truer than any forecast.
  init(
    _ pipeline: Pipeline, discovery: Discovery, labels: [String], executions: [Execution?],
    faults: inout FaultCollector
  ) {
    facts = Array(repeating: nil, count: discovery.nodes.count)
    for (step, node) in discovery.nodes.enumerated() where discovery.templates[step] != nil {
      var forecast = Forecast(inputs: Self.facts(of: discovery.inputs[step]) { facts[$0] })
      let expected = pipeline.stages[node].stage.forecast(&forecast)
      for fault in forecast.faults { faults.add(fault.located(Place(stage: labels[node])), node: node) }
      if let recorded = executions[step]?.facts, recorded != .unknown {
        facts[step] = recorded
      } else if forecast.faults.isEmpty, expected != .unknown {
        // What a faulty stage expects of its output would only raise the same fault again further down.
        facts[step] = expected
      }
    }
  }

  static func facts(of inputs: [Step.Input], from facts: (Int) -> Facts?) -> [Edge: Facts] {
    var known: [Edge: Facts] = [:]
    for input in inputs {
      if let facts = facts(input.step) { known[input.edge] = facts.port(input.edge.port) }
    }
    return known
  }
}
