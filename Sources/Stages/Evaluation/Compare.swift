import Declaring
import Models
import Training

/// Sets models of a task side by side: size, operations, a score with its interval, the difference to the first of them on
/// the same examples, agreement with it, speed.
///
/// It declares an evaluation and a benchmark for each model, as stages of their own beside the model's:
/// ```swift
/// Compare(on: task) {
///   teacher
///   student
/// }
/// ```
public struct Compare: Stage {
  public static let id = "evaluate.compare"
  public static let version = 3
  public static let determinism = Determinism.measured

  /// The models, in order; the first is the one that the others are compared with.
  public internal(set) var models: [Ref<Model<EncoderOnly>>]
  var evaluations: [Ref<Evaluation>]
  var timings: [Ref<Timing>]

  /// Compares on labelled examples, which no model should have been selected on.
  ///
  /// - Parameters:
  ///   - metric: what is compared; by default accuracy, Spearman's correlation, entity F1 or nDCG@10.
  ///   - rounds, sentences: see `Benchmark`.
  public init<Kind: LearnableTask>(
    on data: Ref<TaskData<Kind>>, metric: TaskMetric? = nil, length: Int = 128, rounds: Int = 5, sentences: Int = 256,
    @RefBuilder<Model<Kind.Answers>> models: () -> [Ref<Model<Kind.Answers>>]
  ) {
    let models = models()
    self.models = models.map(\.encoder)
    evaluations = models.map { model in
      companion("evaluation", of: model, Evaluate(model, on: data, metric: metric, length: length))
    }
    timings = models.map { model in
      companion(
        "speed", of: model, Benchmark(model, on: data, sentences: sentences, rounds: rounds, length: length))
    }
  }

  /// Compares on the test part of a task.
  public init<Kind: LearnableTask>(
    on task: Ref<TaskSplits<Kind>>, metric: TaskMetric? = nil, length: Int = 128, rounds: Int = 5, sentences: Int = 256,
    @RefBuilder<Model<Kind.Answers>> models: () -> [Ref<Model<Kind.Answers>>]
  ) {
    self.init(
      on: task.test, metric: metric, length: length, rounds: rounds, sentences: sentences, models: models)
  }

  public func forecast(_ forecast: inout Forecast) -> Facts {
    forecast.require(!models.isEmpty, "models", "There is nothing to compare.", remedy: "Name at least one model.")
    return .unknown
  }

  public func run(_ context: StageContext) async throws -> Leaderboard {
    var rows: [Leaderboard.Row] = []
    var first: (answers: TaskPredictions, scores: TaskScores)?
    for index in models.indices {
      let folder = try context.load(models[index]).folder
      let evaluation = try context.load(evaluations[index])
      var row = Leaderboard.Row(
        parameters: try ModelFolder.parameterCount(of: folder), bytes: try ModelFolder.bytes(in: folder),
        operationsPerToken: try ModelFolder.operationsPerToken(of: folder), evaluation: evaluation.figures,
        timing: try context.load(timings[index]))
      let answers = try evaluation.predictions()
      let scores = try TaskScores(answers)
      if let first {
        row.agreement = try answers.agreement(with: first.answers)
        row.difference = try scores.difference(to: first.scores, in: evaluation.primary.metric)
      } else {
        first = (answers, scores)
      }
      rows.append(row)
      try context.checkCancellation()
    }
    return Leaderboard(rows: rows)
  }
}

/// Models side by side, in the order of `Compare.models`. Who is who is for the reader to join: artifacts hold no labels.
public struct Leaderboard: ValueArtifact, Hashable {
  public static let kind = "evaluation.leaderboard"

  public var rows: [Row]

  public struct Row: Codable, Sendable, Hashable {
    public var parameters: Int
    /// Of all files of the model.
    public var bytes: Int
    /// Floating-point operations of the blocks' products: what parameters and bytes do not say.
    public var operationsPerToken: Int
    public var evaluation: EvaluationFigures
    public var timing: Timing
    /// How alike the first model answers; nil for the first.
    public var agreement: Double?
    /// The score less the first model's, on the same examples; nil for the first.
    public var difference: PairedDifference?
  }
}
