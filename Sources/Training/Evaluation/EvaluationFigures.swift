/// What an evaluation says of a model: a score with its interval, and others beside it.
public struct EvaluationFigures: Sendable, Hashable, Codable {
  public struct Figure: Sendable, Hashable, Codable {
    public var metric: TaskMetric
    public var value: Double
    /// The 95 % interval: Wilson's for accuracy, else the percentile bootstrap over the units of the task.
    public var interval: Interval

    public init(metric: TaskMetric, value: Double, interval: Interval) {
      self.metric = metric
      self.value = value
      self.interval = interval
    }
  }

  public var form: TaskForm
  /// Texts, sentences or candidates.
  public var examples: Int
  /// What the intervals draw again: examples, sentences or queries (`TaskForm.units`).
  public var units: Int
  /// Queries without a relevant passage, which count nowhere.
  public var leftOut: Int
  /// What was asked for first.
  public var primary: Figure
  public var others: [Figure]
  /// F1 of each class, or of each type of entity, by name.
  public var f1: [String: Double]
  /// How alike a reference model answers (`TaskPredictions.agreement`); nil without one.
  public var agreement: Double?
  /// The primary score less the reference's; nil without one.
  public var difference: PairedDifference?

  /// - Parameters:
  ///   - metric: what is stated first; nil takes the form's own.
  ///   - reference: another model's answers to the same examples.
  /// - Throws: `metric.form` for a metric of another form, `metric.empty`, `metric.misfit`.
  public init(
    of predictions: TaskPredictions, metric: TaskMetric? = nil, against reference: TaskPredictions? = nil
  ) throws {
    let scores = try TaskScores(predictions)
    let metric = metric ?? predictions.form.metric
    let wanted = [metric] + predictions.form.metrics(labels: predictions.labels.count).filter { $0 != metric }
    let values = try wanted.map { try scores.value(of: $0) }
    let intervals = try scores.intervals(of: wanted)
    let figures = try wanted.indices.map { place in
      var interval = intervals[place]
      if wanted[place] == .accuracy, let hits = scores.hits {
        interval = try Metrics.wilson(correct: hits.count { $0 }, of: hits.count)
      }
      return Figure(metric: wanted[place], value: values[place], interval: interval)
    }
    form = predictions.form
    examples = predictions.count
    units = scores.count
    leftOut = scores.leftOut
    primary = figures[0]
    others = Array(figures.dropFirst())
    f1 = try scores.byClass(predictions.labels)
    agreement = try reference.map { try predictions.agreement(with: $0) }
    difference = try reference.map { try scores.difference(to: TaskScores($0), in: metric) }
  }

  /// The score of a metric; nil where it was not computed.
  public subscript(metric: TaskMetric) -> Double? {
    ([primary] + others).first { $0.metric == metric }?.value
  }
}
