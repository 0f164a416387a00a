import Tensors

/// A figure of a model that models are chosen by.
public enum ModelFigure: Sendable, Hashable {
  /// A score on labelled examples.
  case score(TaskMetric)
  /// Weights and biases, whatever their precision.
  case parameters
  /// Of all files of the model.
  case bytes
  /// Seconds for one sentence at a time on one core of this machine: the median.
  case p50
  /// What 95 % of the sentences stay below.
  case p95

  /// The share of right answers.
  public static let accuracy = ModelFigure.score(.accuracy)
  /// The unweighted mean of the classes' F1.
  public static let macroF1 = ModelFigure.score(.macroF1)

  /// Which part of the latencies.
  public enum Quantile: Sendable { case p50, p95 }

  /// Seconds for one sentence at a time, of this machine.
  public static func latency(_ quantile: Quantile) -> ModelFigure { quantile == .p50 ? .p50 : .p95 }

  /// What it is read from.
  enum Source { case folder, evaluation, timing }

  var source: Source {
    switch self {
    case .score: .evaluation
    case .parameters, .bytes: .folder
    case .p50, .p95: .timing
    }
  }

  /// The metric that it is; nil for sizes and times.
  var metric: TaskMetric? { if case .score(let metric) = self { metric } else { nil } }

  /// Whether the smaller one of two values is the better.
  var prefersLess: Bool { metric?.prefersLess ?? true }

  /// The name in keys and records.
  var name: String {
    switch self {
    case .score(let metric): metric.name
    case .parameters: "parameters"
    case .bytes: "bytes"
    case .p50: "p50"
    case .p95: "p95"
    }
  }

  var words: String {
    switch self {
    case .score(let metric): metric.words
    case .parameters: "parameters"
    case .bytes: "bytes"
    case .p50: "latency p50"
    case .p95: "latency p95"
    }
  }

  /// A value for people.
  func text(_ value: Double) -> String {
    switch self {
    case .score(let metric): metric.text(value)
    case .parameters, .bytes: Int(exactly: value.rounded()).map(String.init) ?? "\(value)"
    case .p50, .p95: "\(Self.rounded(value * 1_000)) ms"
    }
  }

  /// To three digits or so.
  private static func rounded(_ value: Double) -> Double {
    var scale = 1.0
    while abs(value) * scale < 100, scale < 1e12 { scale *= 10 }
    return (value * scale).rounded() / scale
  }
}

extension ModelFigure: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    let sizes: [ModelFigure] = [.parameters, .bytes, .p50, .p95]
    guard let figure = sizes.first(where: { $0.name == name }) ?? TaskMetric(name).map({ .score($0) }) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "There is no figure “\(name)”.")
    }
    self = figure
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}

/// What a model must keep to be chosen.
///
/// ```swift
/// [.latency(.p50, below: .milliseconds(2)), .bytes(below: 1_000_000), .accuracy(atLeast: 0.9)]
/// ```
public struct ModelConstraint: Codable, Sendable, Hashable {
  var figure: ModelFigure
  /// In the figure's own unit: a share, a count, bytes, seconds.
  var limit: Double
  /// Whether the figure must stay below the limit, and not reach it at least.
  var isUpper: Bool

  /// Faster than this, a sentence at a time, on this machine.
  public static func latency(_ quantile: ModelFigure.Quantile, below limit: Duration) -> ModelConstraint {
    ModelConstraint(figure: .latency(quantile), limit: limit.seconds, isUpper: true)
  }

  /// Smaller than this, all files together.
  public static func bytes(below limit: Int) -> ModelConstraint {
    ModelConstraint(figure: .bytes, limit: Double(limit), isUpper: true)
  }

  public static func parameters(below limit: Int) -> ModelConstraint {
    ModelConstraint(figure: .parameters, limit: Double(limit), isUpper: true)
  }

  /// - Parameter limit: in the metric's own unit, such as 0.8 for Spearman's correlation.
  public static func score(_ metric: TaskMetric, atLeast limit: Double) -> ModelConstraint {
    ModelConstraint(figure: .score(metric), limit: limit, isUpper: false)
  }

  /// For errors, of which less is better.
  public static func score(_ metric: TaskMetric, below limit: Double) -> ModelConstraint {
    ModelConstraint(figure: .score(metric), limit: limit, isUpper: true)
  }

  /// - Parameter limit: a share, such as 0.9.
  public static func accuracy(atLeast limit: Double) -> ModelConstraint {
    ModelConstraint(figure: .accuracy, limit: limit, isUpper: false)
  }

  /// - Parameter limit: a share, such as 0.9.
  public static func macroF1(atLeast limit: Double) -> ModelConstraint {
    ModelConstraint(figure: .macroF1, limit: limit, isUpper: false)
  }

  func isMet(by value: Double) -> Bool { isUpper ? value < limit : value >= limit }

  var words: String { "\(figure.words) \(isUpper ? "below" : "at least") \(figure.text(limit))" }

  /// What is wrong with the limit; nil where it is sound.
  var fault: String? {
    guard let metric = figure.metric else { return limit > 0 && limit.isFinite ? nil : "No model has \(words)." }
    if metric.prefersLess != isUpper {
      return "\(figure.words) is better where it is \(metric.prefersLess ? "smaller" : "larger"): \(words) is no goal."
    }
    if metric.range.contains(limit), limit.isFinite { return nil }
    return metric.range == 0...1
      ? "\(figure.words) is a share of one: it cannot be compared with \(limit)."
      : "No model has \(words)."
  }
}
