/// A score by which models are measured, chosen and compared: `docs/metrics.md` has each definition.
///
/// ```swift
/// FineTune(base, on: mrpc, metric: .f1)
/// Evaluate(ranker, on: wikiqa.test, metric: .mrr())
/// ```
public enum TaskMetric: Sendable, Hashable {
  // Of classes.
  case accuracy
  /// Of the second of two labels.
  case f1
  case macroF1, weightedF1, matthews
  case calibrationError, adaptiveCalibrationError, brier
  // Of values.
  case pearson, spearman, meanSquaredError
  // Of tagged words.
  case entityF1, entityPrecision, entityRecall
  /// Only entities that are whole in the tags' scheme count.
  case strictEntityF1
  case tagAccuracy
  // Of rankings.
  case ndcg(at: Int)
  /// With gains of 2^grade − 1.
  case exponentialNDCG(at: Int)
  case mrr(at: Int? = nil)
  case map
  case precision(at: Int)
  case recall(at: Int)

  /// What it measures.
  public var form: TaskForm {
    switch self {
    case .accuracy, .f1, .macroF1, .weightedF1, .matthews, .calibrationError, .adaptiveCalibrationError, .brier:
      .classification
    case .pearson, .spearman, .meanSquaredError: .regression
    case .entityF1, .entityPrecision, .entityRecall, .strictEntityF1, .tagAccuracy: .tagging
    case .ndcg, .exponentialNDCG, .mrr, .map, .precision, .recall: .ranking
    }
  }

  /// Whether the smaller one of two values is the better.
  public var prefersLess: Bool {
    switch self {
    case .calibrationError, .adaptiveCalibrationError, .brier, .meanSquaredError: true
    default: false
    }
  }

  /// Whether it is a share that people read in per cent.
  public var isShare: Bool {
    switch self {
    case .accuracy, .f1, .macroF1, .weightedF1, .calibrationError, .adaptiveCalibrationError, .entityF1,
      .entityPrecision, .entityRecall, .strictEntityF1, .tagAccuracy, .precision, .recall:
      true
    case .matthews, .brier, .pearson, .spearman, .meanSquaredError, .ndcg, .exponentialNDCG, .mrr, .map: false
    }
  }

  /// What all values lie in.
  public var range: ClosedRange<Double> {
    switch self {
    case .matthews, .pearson, .spearman: -1...1
    case .meanSquaredError: 0...Double.infinity
    case .brier: 0...2
    default: 0...1
    }
  }

  /// The number of places that count; nil for all, or where there are none.
  public var depth: Int? {
    switch self {
    case .ndcg(let depth), .exponentialNDCG(let depth), .precision(let depth), .recall(let depth): depth
    case .mrr(let depth): depth
    default: nil
    }
  }

  /// What is wrong with it for a form of task; nil where it is sound.
  public func fault(for form: TaskForm) -> String? {
    if self.form != form { return "“\(name)” is a metric of \(self.form.rawValue), not of \(form.rawValue)." }
    if let depth, depth < 1 { return "“\(name)” looks at \(depth) places, not at least 1." }
    return nil
  }
}

extension TaskMetric {
  private static let plain: [(TaskMetric, name: String, words: String)] = [
    (.accuracy, "accuracy", "accuracy"), (.f1, "f1", "F1"), (.macroF1, "macroF1", "macro F1"),
    (.weightedF1, "weightedF1", "weighted F1"), (.matthews, "matthews", "Matthews"),
    (.calibrationError, "calibrationError", "calibration error"),
    (.adaptiveCalibrationError, "adaptiveCalibrationError", "adaptive calibration error"), (.brier, "brier", "Brier"),
    (.pearson, "pearson", "Pearson"), (.spearman, "spearman", "Spearman"),
    (.meanSquaredError, "meanSquaredError", "squared error"), (.entityF1, "entityF1", "entity F1"),
    (.entityPrecision, "entityPrecision", "entity precision"), (.entityRecall, "entityRecall", "entity recall"),
    (.strictEntityF1, "strictEntityF1", "strict entity F1"), (.tagAccuracy, "tagAccuracy", "tag accuracy"),
    (.mrr(at: nil), "mrr", "MRR"), (.map, "map", "MAP"),
  ]

  private var deep: (name: String, words: String)? {
    switch self {
    case .ndcg: ("ndcg", "nDCG")
    case .exponentialNDCG: ("exponentialNDCG", "exponential nDCG")
    case .precision: ("precision", "precision")
    case .recall: ("recall", "recall")
    case .mrr: ("mrr", "MRR")
    default: nil
    }
  }

  /// The name in keys, files and commands, such as `accuracy` or `ndcg@10`.
  public var name: String {
    if let depth, let deep { return "\(deep.name)@\(depth)" }
    return Self.plain.first { $0.0 == self }?.name ?? ""
  }

  /// What people call it, such as `Spearman` or `nDCG@10`.
  public var words: String {
    if let depth, let deep { return "\(deep.words)@\(depth)" }
    return Self.plain.first { $0.0 == self }?.words ?? ""
  }

  /// The metric of a name; nil where there is none.
  public init?(_ name: String) {
    if let found = Self.plain.first(where: { $0.name == name }) {
      self = found.0
      return
    }
    let parts = name.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let depth = Int(parts[1]), depth >= 1 else { return nil }
    switch parts[0] {
    case "ndcg": self = .ndcg(at: depth)
    case "exponentialNDCG": self = .exponentialNDCG(at: depth)
    case "mrr": self = .mrr(at: depth)
    case "precision": self = .precision(at: depth)
    case "recall": self = .recall(at: depth)
    default: return nil
    }
  }

  /// Names that `init(_:)` takes, for messages.
  public static func names(of form: TaskForm) -> [String] {
    let deep = ["ndcg@10", "exponentialNDCG@10", "mrr@10", "precision@1", "recall@10"]
    return plain.filter { $0.0.form == form }.map(\.name) + (form == .ranking ? deep : [])
  }

  /// A value for people: `93.1 %`, `0.874`.
  public func text(_ value: Double) -> String {
    if isShare { return "\((value * 10_000).rounded() / 100) %" }
    return "\((value * 10_000).rounded() / 10_000)"
  }
}

extension TaskMetric: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    guard let metric = TaskMetric(name) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "There is no metric “\(name)”.")
    }
    self = metric
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}
