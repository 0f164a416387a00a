import Tensors

/// A figure of a model that models are chosen by.
public enum ModelFigure: String, Codable, Sendable, Hashable, CaseIterable {
  /// The share of right answers.
  case accuracy
  /// The unweighted mean of the classes' F1.
  case macroF1
  /// Weights and biases, whatever their precision.
  case parameters
  /// Of all files of the model.
  case bytes
  /// Seconds for one sentence at a time on one core of this machine: the median.
  case p50
  /// What 95 % of the sentences stay below.
  case p95

  /// Which part of the latencies.
  public enum Quantile: Sendable { case p50, p95 }

  /// Seconds for one sentence at a time, of this machine.
  public static func latency(_ quantile: Quantile) -> ModelFigure { quantile == .p50 ? .p50 : .p95 }

  /// What it is read from.
  enum Source { case folder, evaluation, timing }

  var source: Source {
    switch self {
    case .accuracy, .macroF1: .evaluation
    case .parameters, .bytes: .folder
    case .p50, .p95: .timing
    }
  }

  /// Whether the smaller one of two values is the better.
  var prefersLess: Bool { source != .evaluation }

  var words: String {
    switch self {
    case .accuracy: "accuracy"
    case .macroF1: "macro F1"
    case .parameters: "parameters"
    case .bytes: "bytes"
    case .p50: "latency p50"
    case .p95: "latency p95"
    }
  }

  /// A value for people.
  func text(_ value: Double) -> String {
    switch self {
    case .accuracy, .macroF1: "\((value * 10_000).rounded() / 100) %"
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
    if figure.prefersLess { return limit > 0 && limit.isFinite ? nil : "No model has \(words)." }
    return (0...1).contains(limit) ? nil : "\(figure.words) is a share of one: it cannot be compared with \(limit)."
  }
}
