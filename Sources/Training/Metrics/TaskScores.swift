import Artifacts

/// Predictions made ready for scores of examples that may count several times, as a bootstrap's do.
///
/// What is drawn again are the units of the task: examples, whole sentences of tags, whole queries of candidates. Queries
/// without a relevant passage are left out: no order of their candidates is better than another.
public struct TaskScores: Sendable {
  private enum Units: Sendable {
    case classes(ClassUnits)
    case values(ValueUnits)
    case sentences(SentenceUnits)
    case queries(QueryUnits)
  }

  private let units: Units
  public let form: TaskForm
  /// How many units count.
  public let count: Int
  /// Units that cannot count: queries without a relevant passage.
  public let leftOut: Int

  /// - Throws: `metric.misfit` where there is nothing to score, or lists do not fit each other.
  public init(_ predictions: TaskPredictions) throws {
    form = predictions.form
    switch predictions.rows {
    case .classes(let logits, let labels):
      units = .classes(try ClassUnits(logits, labels, classes: predictions.labels.count))
      (count, leftOut) = (labels.count, 0)
    case .values(let answers, let targets):
      units = .values(try ValueUnits(answers, targets))
      (count, leftOut) = (targets.count, 0)
    case .tags(let answers, let targets):
      units = .sentences(try SentenceUnits(answers, targets, scheme: EntityScheme(of: predictions.labels)))
      (count, leftOut) = (targets.count, 0)
    case .candidates(let scores, let grades, let queries):
      let all = try QueryUnits(scores, grades, queries, missed: predictions.missed)
      units = .queries(all)
      (count, leftOut) = (all.count, all.leftOut)
    }
    guard count > 0 else {
      throw RetortError(
        "metric.empty",
        leftOut > 0 ? "None of \(leftOut) queries has a relevant passage." : "There are no examples to score.",
        remedy: "Evaluate on data whose answers are known.")
    }
  }

  /// A score.
  ///
  /// - Parameter weights: how often each unit counts; nil for once each.
  /// - Throws: `metric.misfit` for a metric of another form of task.
  public func value(of metric: TaskMetric, weights: [Int]? = nil) throws -> Double {
    if let fault = metric.fault(for: form) {
      throw RetortError(
        "metric.form", fault, remedy: "Use one of \(TaskMetric.names(of: form).joined(separator: ", ")).",
        at: Place(field: "metric"))
    }
    if let weights, weights.count != count {
      throw Metrics.misfit("There are \(weights.count) weights for \(count) units.")
    }
    return switch units {
    case .classes(let units): try units.value(of: metric, weights)
    case .values(let units): try units.value(of: metric, weights)
    case .sentences(let units): try units.value(of: metric, weights)
    case .queries(let units): try units.value(of: metric, weights)
    }
  }

  /// F1 of each class, or of each type of entity; empty for others.
  ///
  /// - Parameter labels: names of the classes.
  func byClass(_ labels: [String]) throws -> [String: Double] {
    switch units {
    case .classes(let units):
      Dictionary(zip(labels, try units.table(nil).scores.map(\.f1))) { first, _ in first }
    case .sentences(let units): EntityCounts.sum(units.lenient, weights: nil).scores.types.mapValues(\.f1)
    case .values, .queries: [:]
    }
  }

  /// For classes, which examples are answered rightly; nil for other forms.
  var hits: [Bool]? { if case .classes(let units) = units { units.hits } else { nil } }
}

extension TaskScores {

  /// 95 % intervals of several scores by the percentile bootstrap (Efron 1979), all on the same resamples.
  public func intervals(
    of metrics: [TaskMetric], resamples: Int = 1_000, confidence: Double = 0.95, seed: UInt64 = 1
  ) throws -> [Interval] {
    var figures = [[Double]](repeating: [], count: metrics.count)
    for resample in 0..<resamples {
      let weights = Metrics.resampled(count, resample: resample, seed: seed)
      for (place, metric) in metrics.enumerated() { figures[place].append(try value(of: metric, weights: weights)) }
    }
    return figures.map { Metrics.percentiles($0, confidence: confidence) }
  }

  /// How much better than another model: the difference of a score with both judged on the same resamples.
  ///
  /// - Throws: `metric.misfit` where the two are not about as many units.
  public func difference(
    to other: TaskScores, in metric: TaskMetric, resamples: Int = 1_000, confidence: Double = 0.95, seed: UInt64 = 1
  ) throws -> PairedDifference {
    guard count == other.count, form == other.form else {
      throw Metrics.misfit("The models are judged on \(count) and \(other.count) \(form.units): they are no pair.")
    }
    let whole = try value(of: metric) - other.value(of: metric)
    var figures: [Double] = []
    for resample in 0..<resamples {
      let weights = Metrics.resampled(count, resample: resample, seed: seed)
      figures.append(try value(of: metric, weights: weights) - other.value(of: metric, weights: weights))
    }
    var p: Double?
    if metric == .accuracy, let mine = hits, let theirs = other.hits {
      p = Metrics.mcnemar(
        onlyFirst: zip(mine, theirs).count { $0 && !$1 }, onlySecond: zip(mine, theirs).count { !$0 && $1 })
    }
    return PairedDifference(
      metric: metric, difference: whole, interval: Metrics.percentiles(figures, confidence: confidence), mcnemar: p)
  }
}

/// The score of one model less that of another on the same examples.
public struct PairedDifference: Sendable, Hashable, Codable {
  public var metric: TaskMetric
  /// Above 0 where the first has the larger score.
  public var difference: Double
  /// By the paired percentile bootstrap, over the units of the task.
  public var interval: Interval
  /// For accuracy: the exact two-sided p of McNemar's test.
  public var mcnemar: Double?

  public init(metric: TaskMetric, difference: Double, interval: Interval, mcnemar: Double? = nil) {
    self.metric = metric
    self.difference = difference
    self.interval = interval
    self.mcnemar = mcnemar
  }
}
