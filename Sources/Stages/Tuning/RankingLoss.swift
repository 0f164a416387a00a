import Declaring
import Training

/// What a ranker learns from a query's candidates.
public enum RankingLoss: Sendable, Hashable, Codable {
  /// Each candidate by itself: binary cross-entropy, 1 for a grade above 0. A relevant one counts `positiveWeight` times.
  case pointwise(positiveWeight: Double = 1)
  /// A softmax over a query's candidates against its relevant ones, evenly (ListNet, Cao et al. 2007). A batch is of
  /// queries; of a query's other candidates `candidates` less its relevant ones are drawn anew each epoch.
  case listwise(candidates: Int = 16)

  /// What is wrong with the values; nil where they are sound.
  var fault: String? {
    switch self {
    case .pointwise(let weight):
      weight > 0 && weight.isFinite ? nil : "A relevant candidate counts \(weight) times, not more than 0."
    case .listwise(let candidates):
      candidates >= 2 ? nil : "A choice among \(candidates) candidates teaches nothing."
    }
  }
}

extension FineTune where Kind == Ranking {
  /// Trains a ranker by another loss than each candidate by itself.
  ///
  /// - Parameters:
  ///   - loss: `.pointwise(positiveWeight: 4)`, `.listwise(candidates: 16)`.
  ///   - batch: candidates for `.pointwise`, queries for `.listwise`.
  public init<Base: ModelKind>(
    _ base: Ref<Model<Base>>, on task: Ref<TaskSplits<Ranking>>, loss: RankingLoss, epochs: Int = 3, batch: Int = 32,
    learningRate: Double = 5e-5, warmup: Double = 0.1, weightDecay: Double = 0.01, length: Int = 128, shards: Int = 2,
    metric: TaskMetric? = nil, holdout: Holdout? = nil, seed: Seed = .standard
  ) {
    self.init(
      base, on: task, epochs: epochs, batch: batch, learningRate: learningRate, warmup: warmup,
      weightDecay: weightDecay, length: length, shards: shards, metric: metric, holdout: holdout, seed: seed)
    self.loss = loss
  }
}

extension Forecast {
  /// Notes a fault of a ranker's loss.
  mutating func check(_ loss: RankingLoss?) {
    guard let fault = loss?.fault else { return }
    self.fault("loss", fault, remedy: "Change this option.")
  }

  /// Notes a metric that is none of a form of task.
  mutating func check(_ metric: TaskMetric?, for form: TaskForm, labels: [String]?, field: String = "metric") {
    guard let metric else { return }
    if let fault = metric.fault(for: form) {
      self.fault(
        field, fault, remedy: "Use one of \(TaskMetric.names(of: form).joined(separator: ", ")).")
    }
    if metric == .f1, let labels {
      require(
        labels.count == 2, field, "“f1” is that of the second of two labels; there are \(labels.count).",
        remedy: "Use .macroF1 or .weightedF1.")
    }
  }

  /// Notes faults of what is held out.
  mutating func check(_ holdout: Holdout?) {
    for (field, message) in holdout?.faults ?? [] {
      fault("holdout.\(field)", message, remedy: "Give a share such as .share(0.1).")
    }
  }
}
