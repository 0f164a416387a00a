/// A stage of the plan. Steps never change, and a plan hands them on many times: a copy is one reference.
public final class Step: Sendable {
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
  private let known: KnownFacts?
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

  init(
    index: Int, node: Int, label: String, stage: any Stage, traits: StageTraits, resources: Resources,
    template: RecipeTemplate, inputs: [Input], dependentCount: Int, isSelected: Bool, isForced: Bool,
    facts: KnownFacts?, key: Key?, status: Status
  ) {
    (self.index, self.node, self.label, self.stage) = (index, node, label, stage)
    (identity, determinism) = (traits.identity, traits.determinism)
    (self.resources, self.template, self.inputs, self.dependentCount) = (resources, template, inputs, dependentCount)
    (self.isSelected, self.isForced, known, self.key, self.status) = (isSelected, isForced, facts, key, status)
  }

  /// What is known of its output: the facts of the cached one, else what the stage forecasts.
  public var facts: Facts { known?.facts ?? .unknown }

  /// The result that is used if the step does not run.
  public var cached: Execution? { if case .cached(let execution) = status { execution } else { nil } }
}
