import Declaring
import Models
import Training

/// Tries stages one after the other, and gives the best model of those that it tried.
///
/// ```swift
/// let tuned = stage("tuned", Search([1e-5, 3e-5, 5e-5, 1e-4].map { FineTune(base, on: sst2, learningRate: $0) },
///                                   on: sst2.dev, by: .accuracy, patience: 2))
/// ```
/// Unlike a sweep with `Best`, what comes later may never run: the search ends once a score is reached, or after some trials
/// that were no better. Each trial is a step of its own, cached under the key that the pipeline's own stage would have: another
/// list, or a search that was stopped, repeats none of them.
public struct Search<Kind: LearnableTask, Trial: Stage>: Stage where Trial.Output == Model<Kind.Answers> {
  public static var id: String { "search.trials.\(Trial.id)" }
  public static var version: Int { 1 }
  public static var uses: [any Stage.Type] { [Trial.self, Evaluate.self] }

  var trials: [Trial]
  var data: Ref<TaskData<Kind>>
  var metric: TaskMetric
  var target: Double?
  var patience: Int?
  var length: Int

  /// - Parameters:
  ///   - trials: what is tried, in this order; the first of equals is kept.
  ///   - data: what scores are measured on: `dev`, since choosing is a way of training.
  ///   - metric: more is better, but for errors.
  ///   - target: a score that is good enough: no more trials follow one that has it.
  ///   - patience: so many trials in turn that are no better than the best end the search; nil tries all.
  ///   - length: longer texts are cut to this many tokens.
  public init(
    _ trials: [Trial], on data: Ref<TaskData<Kind>>, by metric: TaskMetric = Kind.form.metric, target: Double? = nil,
    patience: Int? = nil, length: Int = 128
  ) {
    self.trials = trials
    self.data = data
    self.metric = metric
    self.target = target
    self.patience = patience
    self.length = length
  }

  public func forecast(_ forecast: inout Forecast) -> Facts {
    forecast.require(!trials.isEmpty, "trials", "There is nothing to try.", remedy: "Name at least one stage.")
    forecast.check(metric, for: Kind.form, labels: forecast[data].labels)
    if let patience {
      forecast.require(patience > 0, "patience", "The patience is \(patience).", remedy: "Wait for 1 trial at least.")
    }
    if let target {
      forecast.require(target.isFinite, "target", "The target is \(target).", remedy: "Give a score.")
    }
    return Facts.common(to: trials.map { $0.forecast(&forecast) })
  }

  public func run(_ context: StageContext) async throws -> Model<Kind.Answers> {
    var best: (index: Int, score: Double, model: Ref<Model<Kind.Answers>>)?
    for (index, trial) in trials.enumerated() {
      let model = try await context.reference(to: trial)
      let evaluation = try await context.run(Evaluate(model, on: data, metric: metric, length: length))
      let score = evaluation.primary.value
      context.log("trial \(index + 1) of \(trials.count): \(metric.words) \(score)")
      context.report(Progress(Double(index + 1), of: Double(trials.count), unit: "trials"))
      if best.map({ isBetter(score, than: $0.score) }) ?? true { best = (index, score, model) }
      if let best, isEnough(best.score) {
        context.log("the target is reached")
        break
      }
      if let best, let patience, index - best.index >= patience {
        context.log("\(patience) trials were no better")
        break
      }
    }
    guard let best else {
      throw RetortError(
        "search.empty", "There is nothing to try.", remedy: "Name at least one stage.", at: Place(field: "trials"))
    }
    context.log("chosen: trial \(best.index + 1)")
    context.record("trial", Double(best.index + 1))
    context.record(metric.words, best.score)
    return try context.load(best.model)
  }

  private func isBetter(_ score: Double, than other: Double) -> Bool {
    metric.prefersLess ? score < other : score > other
  }

  private func isEnough(_ score: Double) -> Bool {
    target.map { metric.prefersLess ? score <= $0 : score >= $0 } ?? false
  }
}

extension Search {
  public var conventions: [String] {
    let order = "choice: the \(metric.prefersLess ? "lowest" : "highest") \(metric.words), the first of equals"
    let ends =
      (target.map { ["ends at \(metric.words) \($0)"] } ?? [])
      + (patience.map { ["ends after \($0) trials in turn that are no better"] } ?? [])
    return [order] + (ends.isEmpty ? ["tries all"] : ends)
  }
}
