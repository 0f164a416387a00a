import Artifacts
import Models

/// The forms of tasks that models learn: what code that serves all kinds chooses by.
public enum TaskForm: String, Sendable, Hashable, Codable, CaseIterable {
  case classification
  case regression
  case tagging
  case ranking
}

/// A kind of task that models learn and are measured on.
public protocol LearnableTask: TaskKind {
  static var form: TaskForm { get }
}

extension Classification: LearnableTask { public static let form = TaskForm.classification }
extension Regression: LearnableTask { public static let form = TaskForm.regression }
extension Tagging: LearnableTask { public static let form = TaskForm.tagging }
extension Ranking: LearnableTask { public static let form = TaskForm.ranking }

extension TaskForm {
  /// What stands on an encoder that learns it.
  ///
  /// - Parameter labels: how many there are; regression and ranking have one output whatever they are.
  public func head(labels: Int) -> BertHead {
    switch self {
    case .classification: .classifier(labels: labels)
    case .regression, .ranking: .regression
    case .tagging: .tagger(labels: labels)
    }
  }

  /// Whether a head can answer it.
  public func isAnswered(by head: BertHead) -> Bool {
    switch (self, head) {
    case (.classification, .classifier), (.regression, .regression), (.ranking, .regression), (.tagging, .tagger): true
    default: false
    }
  }

  /// Whether answers are chosen from labels.
  public var hasLabels: Bool { self == .classification || self == .tagging }

  /// What is learnt from by default.
  public var objective: OutputObjective {
    switch self {
    case .classification, .tagging: .classification
    case .regression: .regression
    case .ranking: .relevance()
    }
  }

  /// What evaluations state first, and what epochs are chosen by.
  public var metric: TaskMetric {
    switch self {
    case .classification: .accuracy
    case .regression: .spearman
    case .tagging: .entityF1
    case .ranking: .ndcg(at: 10)
    }
  }

  /// What evaluations state beside it.
  ///
  /// - Parameter labels: how many there are.
  func metrics(labels: Int) -> [TaskMetric] {
    switch self {
    case .classification:
      [.accuracy] + (labels == 2 ? [.f1] : []) + [.macroF1, .matthews, .calibrationError]
    case .regression: [.spearman, .pearson, .meanSquaredError]
    case .tagging: [.entityF1, .entityPrecision, .entityRecall, .strictEntityF1, .tagAccuracy]
    case .ranking: [.ndcg(at: 10), .mrr(at: nil), .map, .precision(at: 1)]
    }
  }

  /// What is drawn again in a bootstrap, in the plural.
  public var units: String {
    switch self {
    case .classification, .regression: "examples"
    case .tagging: "sentences"
    case .ranking: "queries"
    }
  }
}
