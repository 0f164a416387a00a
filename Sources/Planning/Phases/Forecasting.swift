/// Lets every stage check its options against what is known of its inputs.
struct Forecasting {
  /// By step; nil for unknown.
  var facts: [KnownFacts?] { table.facts }
  private let table: FactsTable
  private(set) var warnings: [PlanWarning] = []

  /// - Parameter executions: cached results, whose recorded facts are truer than any forecast.
  init(
    _ pipeline: Pipeline, discovery: Discovery, labels: [String], executions: [Execution?],
    faults: inout FaultCollector
  ) {
    table = FactsTable(count: discovery.nodes.count)
    let table = table
    for (step, node) in discovery.nodes.enumerated() where discovery.templates[step] != nil {
      var forecast = Self.forecast(discovery.inputs[step]) { table.facts[$0]?.facts }
      let expected = pipeline.stages[node].stage.forecast(&forecast)
      for fault in forecast.faults { faults.add(fault.located(Place(stage: labels[node])), node: node) }
      for warning in forecast.warnings { warnings.append(.unwise(warning.located(Place(stage: labels[node])))) }
      if let execution = executions[step], execution.hasFacts {
        table.facts[step] = KnownFacts(execution.facts)
      } else if forecast.faults.isEmpty, expected != .unknown {
        // What a faulty stage expects of its output would only raise the same fault again further down.
        table.facts[step] = KnownFacts(expected)
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

/// What is known so far. Shared by reference: a closure that held the array would have it copied at every step.
private final class FactsTable {
  var facts: [KnownFacts?]

  init(count: Int) { facts = Array(repeating: nil, count: count) }
}

/// Facts are large, and of many outputs nothing is known: a table of references is small.
final class KnownFacts: Sendable {
  let facts: Facts

  init(_ facts: Facts) { self.facts = facts }
}
