import Artifacts
import Synchronization

/// Examples of classes.
struct ClassUnits: Sendable {
  private let labels: [Int]
  private let choices: [Int]
  private let classes: Int
  let hits: [Bool]
  private let confidences: [Double]
  private let confidenceOrder: [Int]
  private let squares: [Double]

  init(_ logits: [[Float]], _ labels: [Int], classes: Int) throws {
    try Metrics.check(logits.count, labels.count, "score")
    guard logits.allSatisfy({ $0.count == classes }) else {
      throw Metrics.misfit("A row of logits is not one of \(classes) classes.")
    }
    (self.labels, self.classes) = (labels, classes)
    choices = TaskPredictions.choices(logits)
    hits = zip(choices, labels).map { $0 == $1 }
    let probabilities = logits.map(Metrics.softmax)
    confidences = zip(probabilities, choices).map { $0[$1] }
    confidenceOrder = Metrics.order(confidences)
    squares = zip(probabilities, labels).map { Metrics.brier($0, $1) }
  }

  func table(_ weights: [Int]?) throws -> ConfusionTable {
    try ConfusionTable(choices, labels, classes: classes, weights: weights)
  }

  func value(of metric: TaskMetric, _ weights: [Int]?) throws -> Double {
    switch metric {
    case .f1:
      guard classes == 2 else {
        throw RetortError(
          "metric.classes", "“f1” is that of the second of two labels; there are \(classes).",
          remedy: "Use macroF1 or weightedF1.", at: Place(field: "metric"))
      }
      return try table(weights).scores[1].f1
    case .macroF1: return try table(weights).macroF1
    case .weightedF1: return try table(weights).weightedF1
    case .matthews: return try table(weights).matthews
    case .calibrationError: return try Metrics.calibrationError(confidences, hits, weights: weights)
    case .adaptiveCalibrationError:
      return try Metrics.adaptiveCalibrationError(confidences, hits, weights: weights, order: confidenceOrder)
    case .brier: return Metrics.mean(squares, weights: weights)
    default: return try table(weights).accuracy
    }
  }
}

/// Examples of values.
struct ValueUnits: Sendable {
  private let answers: [Double]
  private let targets: [Double]
  private let answerOrder: [Int]
  private let targetOrder: [Int]

  init(_ answers: [Double], _ targets: [Double]) throws {
    try Metrics.check(answers.count, targets.count, "score")
    guard answers.allSatisfy(\.isFinite), targets.allSatisfy(\.isFinite) else {
      throw Metrics.misfit("A value is not finite.")
    }
    (self.answers, self.targets) = (answers, targets)
    answerOrder = Metrics.order(answers)
    targetOrder = Metrics.order(targets)
  }

  func value(of metric: TaskMetric, _ weights: [Int]?) throws -> Double {
    switch metric {
    case .pearson: return Metrics.pearson(answers, targets, weights: weights)
    case .meanSquaredError:
      return Metrics.mean(zip(answers, targets).map { ($0 - $1) * ($0 - $1) }, weights: weights)
    default:
      return Metrics.pearson(
        Metrics.ranks(answers, order: answerOrder, weights: weights),
        Metrics.ranks(targets, order: targetOrder, weights: weights), weights: weights)
    }
  }
}

/// Sentences of tagged words.
struct SentenceUnits: Sendable {
  let lenient: [EntityCounts]
  private let strict: [EntityCounts]
  /// Words of each sentence, and how many have the right tag.
  private let words: [(all: Int, right: Int)]

  init(_ answers: [[String]], _ targets: [[String]], scheme: EntityScheme) throws {
    try Metrics.check(answers.count, targets.count, "score")
    guard answers.map(\.count) == targets.map(\.count) else {
      throw Metrics.misfit("A sentence has unlike numbers of tags.")
    }
    var known: [String: SplitTag] = [:]
    func split(_ tags: [String]) -> [SplitTag] {
      tags.map { tag in
        if let found = known[tag] { return found }
        let found = SplitTag(tag)
        known[tag] = found
        return found
      }
    }
    let pairs = zip(answers, targets).map { (split($0), split($1)) }
    lenient = pairs.map { EntityCounts($0.0, $0.1, strictIn: nil) }
    strict = pairs.map { EntityCounts($0.0, $0.1, strictIn: scheme) }
    words = zip(answers, targets).map { pair in (pair.1.count, zip(pair.0, pair.1).count { $0 == $1 }) }
  }

  func value(of metric: TaskMetric, _ weights: [Int]?) throws -> Double {
    switch metric {
    case .entityPrecision: return EntityCounts.total(lenient, weights: weights).score.precision
    case .entityRecall: return EntityCounts.total(lenient, weights: weights).score.recall
    case .strictEntityF1: return EntityCounts.total(strict, weights: weights).score.f1
    case .tagAccuracy:
      var (all, right) = (0, 0)
      for (index, sentence) in words.enumerated() {
        all += sentence.all * (weights?[index] ?? 1)
        right += sentence.right * (weights?[index] ?? 1)
      }
      return ConfusionTable.ratio(right, all)
    default: return EntityCounts.total(lenient, weights: weights).score.f1
    }
  }
}

/// Queries with their candidates.
struct QueryUnits: Sendable {
  private let scores: [[Double]]
  private let grades: [[Double]]
  /// Of relevant passages that are no candidates.
  private let missed: [[Double]]
  let leftOut: Int
  private let cache = FigureCache()

  init(_ scores: [Double], _ grades: [Double], _ queries: [String], missed: [String: [Double]]) throws {
    guard scores.count == grades.count, scores.count == queries.count else {
      throw Metrics.misfit("There are \(scores.count) scores, \(grades.count) grades and \(queries.count) queries.")
    }
    guard scores.allSatisfy(\.isFinite), grades.allSatisfy(\.isFinite) else {
      throw Metrics.misfit("A score or a grade is not finite.")
    }
    let groups = TaskPredictions.groups(of: queries)
    let useful = groups.filter { group in
      group.contains { grades[$0] > 0 } || missed[queries[group[0]]]?.contains { $0 > 0 } == true
    }
    leftOut = groups.count - useful.count
    // Queries of which nothing was retrieved have no candidates, and count.
    let known = Set(queries)
    let empty = missed.keys.filter { !known.contains($0) && missed[$0]?.contains { $0 > 0 } == true }.sorted()
    self.scores = useful.map { $0.map { scores[$0] } } + empty.map { _ in [] }
    self.grades = useful.map { $0.map { max(0, grades[$0]) } } + empty.map { _ in [] }
    self.missed = (useful.map { queries[$0[0]] } + empty).map { missed[$0] ?? [] }
  }

  var count: Int { scores.count }

  /// The mean over the queries.
  func value(of metric: TaskMetric, _ weights: [Int]?) throws -> Double {
    let figures = try cache.figures(of: metric) {
      try scores.indices.map { try figure(metric, scores[$0], grades[$0], missed[$0]) }
    }
    return Metrics.mean(figures, weights: weights)
  }

  private func figure(
    _ metric: TaskMetric, _ scores: [Double], _ grades: [Double], _ missed: [Double]
  ) throws -> Double {
    guard !scores.isEmpty else { return 0 }
    return switch metric {
    case .ndcg(let depth): try Metrics.ndcg(scores, grades, at: depth, missed: missed)
    case .exponentialNDCG(let depth):
      try Metrics.ndcg(scores, grades, at: depth, isExponential: true, missed: missed)
    case .mrr(let depth): try Metrics.reciprocalRank(scores, grades, at: depth)
    case .precision(let depth): try Metrics.precision(scores, grades, at: depth)
    case .recall(let depth): try Metrics.recall(scores, grades, at: depth, missed: missed)
    default: try Metrics.averagePrecision(scores, grades, missed: missed)
    }
  }
}

/// Figures of each query, which do not change from one resample to the next.
private final class FigureCache: Sendable {
  private let known = Mutex<[TaskMetric: [Double]]>([:])

  func figures(of metric: TaskMetric, _ compute: () throws -> [Double]) rethrows -> [Double] {
    if let found = known.withLock({ $0[metric] }) { return found }
    let found = try compute()
    known.withLock { $0[metric] = found }
    return found
  }
}
