import Declaring
import Models
import Training

/// Sets classifiers side by side: size, operations, accuracy, agreement with the first of them, speed.
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
  public static let version = 2
  public static let determinism = Determinism.measured

  /// The models, in order; the first is the one that agreement is counted with.
  public internal(set) var models: [Ref<Model<Classifier>>]
  var evaluations: [Ref<Evaluation>]
  var timings: [Ref<Timing>]

  /// Compares on labelled texts, which no model should have been selected on.
  ///
  /// - Parameters:
  ///   - rounds, sentences: see `Benchmark`.
  public init(
    on data: Ref<TaskData<Classification>>, length: Int = 128, rounds: Int = 5, sentences: Int = 256,
    @RefBuilder<Model<Classifier>> models: () -> [Ref<Model<Classifier>>]
  ) {
    let models = models()
    self.models = models
    evaluations = models.map { model in
      companion(
        "evaluation", of: model,
        Evaluate(model, on: data, against: model == models.first ? nil : models.first, length: length))
    }
    timings = models.map { model in
      companion(
        "speed", of: model, Benchmark(model, on: data, sentences: sentences, rounds: rounds, length: length))
    }
  }

  /// Compares on the test part of a task.
  public init(
    on task: Ref<TaskSplits<Classification>>, length: Int = 128, rounds: Int = 5, sentences: Int = 256,
    @RefBuilder<Model<Classifier>> models: () -> [Ref<Model<Classifier>>]
  ) {
    self.init(on: task.test, length: length, rounds: rounds, sentences: sentences, models: models)
  }

  public func forecast(_ forecast: inout Forecast) -> Facts {
    forecast.require(!models.isEmpty, "models", "There is nothing to compare.", remedy: "Name at least one model.")
    return .unknown
  }

  public func run(_ context: StageContext) async throws -> Leaderboard {
    var rows: [Leaderboard.Row] = []
    for index in models.indices {
      let folder = try context.load(models[index]).folder
      let evaluation = try context.load(evaluations[index])
      let timing = try context.load(timings[index])
      rows.append(
        Leaderboard.Row(
          parameters: try ModelFolder.parameterCount(of: folder), bytes: try ModelFolder.bytes(in: folder),
          operationsPerToken: try ModelFolder.operationsPerToken(of: folder), evaluation: evaluation, timing: timing))
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
    public var evaluation: Evaluation
    public var timing: Timing
  }
}
