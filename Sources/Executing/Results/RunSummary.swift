import Declaring

/// How a run went: the whole, and each step.
public struct RunSummary: Sendable {
  public var run: RunID
  public var outcome: RunOutcome
  public var counts: RunCounts
  /// The steps of the plan in its order, then the sub-stages in the order of their beginning.
  public var steps: [StepResult]
  public var seconds: Double
  /// Failures that belong to no step: a delivery that was refused, an index that took no record.
  public var faults: [RetortError]

  /// The execution that each step's result comes from, by label.
  public var executions: [String: Execution] {
    Dictionary(steps.compactMap { step in step.execution.map { (step.label, $0) } }) { _, last in last }
  }

  /// The failures of the steps and of the whole.
  public var errors: [RetortError] {
    faults
      + steps.compactMap { step in
        if case .failed(let error) = step.status { error } else { nil }
      }
  }
}

/// How one step went.
public struct StepResult: Sendable {
  public enum Status: Sendable {
    /// Executed by this run.
    case ran
    /// Its result was there, or another run computed it meanwhile.
    case cached
    case failed(RetortError)
    case skipped(SkipReason)
    /// Stopped on request; a checkpoint, where the stage takes them, lets it go on.
    case interrupted
  }

  public var label: String
  public var stage: StageIdentity
  /// Nil where its inputs were never known.
  public var key: Key?
  public var status: Status
  /// The execution that its result comes from; nil unless it ran or was cached.
  public var execution: Execution?
  /// How long this run computed it.
  public var seconds: Double
  /// How often this run tried.
  public var attempts: Int
  /// The log of the last attempt.
  public var log: FilePath?

  /// The digest of the output; of a bundle, that over its parts.
  public var digest: Digest? { execution?.digest(port: "") }
}
