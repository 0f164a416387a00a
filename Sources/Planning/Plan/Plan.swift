/// A pipeline resolved against a store: ordered steps, each with its reason to run or to be skipped. A printable value.
///
/// Nothing in it owns anything else in it, so that a long chain is freed as easily as it was made.
public struct Plan: Sendable {
  public let options: PlanOptions
  /// In an order in which each step comes after those that it needs; otherwise as declared.
  public let steps: [Step]
  /// The steps whose results the pipeline asks for, in order, each once.
  public let roots: [Int]
  public let warnings: [PlanWarning]
  /// The contents of the user's files that were planned with: what is copied later must be the same.
  public let sources: [SourceDeclaration: Digest]
  /// What the source files behind its stages are.
  public let code: CodeTable

  let graph: DependentGraph
  let previous: PreviousRun

  /// The steps that a step's output flows into, in order, each once.
  public func dependents(of step: Int) -> ArraySlice<Int32> { graph.dependents(of: step) }

  /// The step with a label.
  public func step(labelled label: String) -> Step? { steps.first { $0.label == label } }

  public func count(where isCounted: (Step) -> Bool) -> Int { steps.reduce(0) { isCounted($1) ? $0 + 1 : $0 } }

  /// The cached results that the plan rests on, of steps that were not selected too.
  public var hits: [Execution] {
    steps.compactMap { if case .cached(let execution) = $0.status { execution } else { nil } }
  }

  /// The steps as a run begins to record them.
  public var runSteps: [RunStep] {
    steps.map { step in
      guard case .cached(let execution) = step.status else {
        return RunStep(label: step.label, stage: step.identity, key: step.key)
      }
      return RunStep(
        label: step.label, stage: step.identity, key: step.key, outcome: .cached, execution: execution.id)
    }
  }
}

/// What is odd about a pipeline, but no reason not to run it.
public enum PlanWarning: Sendable, CustomStringConvertible {
  /// No root needs the stage, so it is not planned.
  case unreached(label: String)
  /// A stage takes an option for unwise.
  case unwise(RetortError)
  /// The results of these stages were computed before these source files changed.
  case otherCode(labels: [String], files: [String])

  public var description: String {
    switch self {
    case .unreached(let label):
      "stage “\(label)” is declared, but nothing that the pipeline asks for needs it, so it does not run"
    case .unwise(let error): error.description
    case .otherCode(let labels, let files):
      "\(Self.list(files)) changed since \(Self.list(labels)) \(labels.count == 1 ? "was" : "were") computed; the cached "
        + "\(labels.count == 1 ? "result is" : "results are") used (--code-changes rerun computes again)"
    }
  }

  private static func list(_ names: [String]) -> String {
    let (shown, rest) = (names.prefix(4).joined(separator: ", "), names.count - 4)
    return rest > 0 ? "\(shown) and \(rest) more" : shown
  }
}
