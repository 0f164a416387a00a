/// A stage of the plan.
public struct Step: Sendable {
  /// Its position in `Plan.steps`.
  public let index: Int
  /// Its position in the pipeline.
  public let node: Int
  /// The label that the pipeline gave, or the type's name made unique.
  public let label: String
  public let stage: any Stage
  public let identity: StageIdentity
  public let determinism: Determinism
  public let resources: Resources
  public let template: RecipeTemplate
  /// What flows in: each edge once, in order of its place in the options.
  public let inputs: [Input]
  /// How many steps its output flows into.
  public let dependentCount: Int
  public let isSelected: Bool
  /// True where it is executed even if it is cached.
  public let isForced: Bool
  /// What is known of its output: the facts of the cached one, else what the stage forecasts.
  public let facts: Facts
  /// Nil while an input is unknown.
  public let key: Key?
  public let status: Status

  public struct Input: Sendable, Hashable {
    public var edge: Edge
    /// The step that gives it.
    public var step: Int
  }

  public enum Status: Sendable, Hashable {
    /// Its result is in the store. Steps that were not selected have this status too.
    case cached(Execution)
    /// Its inputs are known, and its result is not there.
    case execute(Reason)
    /// These steps run first. Once their outputs are known, its key may turn out to be cached (early cutoff).
    case waiting(on: [Int])
    /// It was not asked for, and its result is not there.
    case unselected
  }

  /// The result that is used if the step does not run.
  public var cached: Execution? { if case .cached(let execution) = status { execution } else { nil } }
}
