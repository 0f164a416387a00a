import Declaring
import Training

/// How much better one way of making a model is than another, over runs that are paired, such as by seed.
///
/// ```swift
/// stage("general distillation", Contrast(on: reviews.test, distilled, against: plain))
/// ```
/// It declares an evaluation for each model, as a stage of its own beside the model's.
public struct Contrast: Stage {
  public static let id = "evaluate.contrast"
  public static let version = 2

  var evaluations: [Ref<Evaluation>]
  var references: [Ref<Evaluation>]

  /// - Parameters:
  ///   - models, references: one of each a pair, in the same order.
  ///   - data: labelled examples that nothing was selected on.
  ///   - metric: what is compared; by default accuracy, Spearman's correlation, entity F1 or nDCG@10.
  public init<Kind: LearnableTask>(
    on data: Ref<TaskData<Kind>>, _ models: [Ref<Model<Kind.Answers>>],
    against references: [Ref<Model<Kind.Answers>>], metric: TaskMetric? = nil, length: Int = 128
  ) {
    func evaluated(_ models: [Ref<Model<Kind.Answers>>]) -> [Ref<Evaluation>] {
      models.map { companion("evaluation", of: $0, Evaluate($0, on: data, metric: metric, length: length)) }
    }
    evaluations = evaluated(models)
    self.references = evaluated(references)
  }

  public func forecast(_ forecast: inout Forecast) -> Facts {
    forecast.require(
      evaluations.count == references.count, "references",
      "There are \(evaluations.count) models and \(references.count) to compare them with.",
      remedy: "Give pairs: as many of one as of the other.")
    forecast.require(
      evaluations.count > 1, "evaluations", "An interval needs at least two pairs.",
      remedy: "Train each model with several seeds.")
    return .unknown
  }

  public func run(_ context: StageContext) async throws -> Effect {
    let with = try evaluations.map { try context.load($0).primary }
    let without = try references.map { try context.load($0).primary }
    guard with.count == without.count, let metric = with.first?.metric else {
      throw RetortError("evaluate.pairs", "The models are not paired.", remedy: "Give as many of one as of the other.")
    }
    let differences = zip(with, without).map { $0.value - $1.value }
    let (gain, interval) = try Metrics.meanInterval(differences)
    context.record("gain", gain)
    return Effect(
      metric: metric, pairs: with.count, score: with.reduce(0) { $0 + $1.value } / Double(with.count),
      reference: without.reduce(0) { $0 + $1.value } / Double(without.count), gain: gain, interval: interval)
  }
}

/// What `Contrast` found.
public struct Effect: ValueArtifact, Hashable {
  public static let kind = "evaluation.effect"

  public var metric: TaskMetric
  public var pairs: Int
  /// Means over the pairs.
  public var score: Double
  public var reference: Double
  /// The mean difference, and its 95 % interval by Student's t.
  public var gain: Double
  public var interval: Interval

  public init(
    metric: TaskMetric = .accuracy, pairs: Int, score: Double, reference: Double, gain: Double, interval: Interval
  ) {
    self.metric = metric
    self.pairs = pairs
    self.score = score
    self.reference = reference
    self.gain = gain
    self.interval = interval
  }
}
