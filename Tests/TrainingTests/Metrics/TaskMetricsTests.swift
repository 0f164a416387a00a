import Artifacts
import Foundation
import Testing

@testable import Training

/// Scores of tags, rankings and probabilities, against seqeval, scikit-learn and SciPy.
struct TaskMetricsTests {
  struct Reference: Decodable {
    struct Tags: Decodable {
      let scheme: EntityScheme
      let labels, predictions: [[String]]
      let lenient, strict: [String: [Double]]
      let found: [[Found]]
    }
    struct Found: Decodable {
      let entity: Entity
      init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        let type = try list.decode(String.self)
        let start = try list.decode(Int.self)
        entity = Entity(type, start..<(try list.decode(Int.self)))
      }
    }
    struct Calibration: Decodable {
      let logits: [[Float]]
      let labels: [Int]
      let equal, adaptive, brier: Double
    }
    struct Paired: Decodable {
      let truth, one, two: [Double]
      let low, high: Double
    }
    struct Weighted: Decodable {
      let weights: [Int]
      let spearman, pearson: Double
    }
    struct Query: Decodable {
      let scores, grades: [Double]
      let figures: [String: Double]

      init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: AnyKey.self)
        scores = try container.decode([Double].self, forKey: AnyKey("scores"))
        grades = try container.decode([Double].self, forKey: AnyKey("grades"))
        var figures: [String: Double] = [:]
        for key in container.allKeys where !["scores", "grades", "ties"].contains(key.stringValue) {
          figures[key.stringValue] = try container.decode(Double.self, forKey: key)
        }
        self.figures = figures
      }
    }
    struct AnyKey: CodingKey {
      var stringValue: String
      var intValue: Int? { nil }
      init(_ name: String) { stringValue = name }
      init?(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }
    let tags: [Tags]
    let rankings: [Query]
    let calibration: [Calibration]
    let mcnemar: [[Double]]
    let paired: Paired
    let weighted: Weighted
  }

  let reference: Reference

  init() throws {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    reference = try JSONDecoder().decode(
      Reference.self, from: Data(contentsOf: tests.appending(path: "Goldens/metrics/tasks.json")))
  }

  private func near(_ value: Double, _ wanted: Double) -> Bool { abs(value - wanted) <= 1e-12 * max(1, abs(wanted)) }

  @Test("entities, lenient and strict, equal seqeval's in every type")
  func entities() throws {
    for item in reference.tags {
      for (labels, found) in zip(item.labels, item.found) {
        #expect(Metrics.entities(of: labels) == found.map(\.entity), "\(labels)")
      }
      for (expected, scheme) in [(item.lenient, nil), (item.strict, item.scheme)] {
        let scores = try Metrics.entityScores(item.predictions, item.labels, strictIn: scheme)
        for (type, row) in expected {
          let score = type == "micro avg" ? scores.all : scores.types[type]
          let own: [Double] = score.map { [$0.precision, $0.recall, $0.f1, Double($0.support)] } ?? [0, 0, 0, 0]
          #expect(zip(own, row).allSatisfy { near($0, $1) }, "\(item.scheme) \(type): \(own), not \(row)")
        }
      }
    }
    #expect(EntityScheme(of: ["O", "B-a", "E-a"]) == .iobes && EntityScheme(of: ["O", "B-E", "I-E"]) == .iob2)
  }

  @Test("nDCG equals scikit-learn's, ties included; the others follow their definitions")
  func rankings() throws {
    for query in reference.rankings {
      for (name, expected) in query.figures {
        let metric = try #require(TaskMetric(name), "\(name)")
        let (scores, grades, depth) = (query.scores, query.grades, metric.depth ?? 0)
        let own: Double =
          switch metric {
          case .ndcg: try Metrics.ndcg(scores, grades, at: depth)
          case .exponentialNDCG: try Metrics.ndcg(scores, grades, at: depth, isExponential: true)
          case .precision: try Metrics.precision(scores, grades, at: depth)
          case .recall: try Metrics.recall(scores, grades, at: depth)
          case .mrr(let depth): try Metrics.reciprocalRank(scores, grades, at: depth)
          default: try Metrics.averagePrecision(scores, grades)
          }
        #expect(near(own, expected), "\(name): \(own), not \(expected)")
      }
    }
    // Relevant passages that were not retrieved are as good as candidates behind all others.
    for query in reference.rankings where query.scores.count >= 5 {
      let (found, late) = (query.scores.count - 2, Array(query.grades.suffix(2)))
      let (scores, grades) = (Array(query.scores.prefix(found)), Array(query.grades.prefix(found)))
      let last = (query.scores.min() ?? 0) - 1
      let whole = scores + [last, last]
      for depth in [1, 3] {
        #expect(
          near(
            try Metrics.ndcg(scores, grades, at: depth, missed: late),
            try Metrics.ndcg(whole, grades + late, at: depth)))
        #expect(
          try Metrics.recall(scores, grades, at: depth, missed: late)
            == Metrics.recall(whole, grades + late, at: depth))
      }
      #expect(try Metrics.averagePrecision(scores, grades, missed: [1]) <= Metrics.averagePrecision(scores, grades))
    }
    let retrieved = TaskPredictions(
      .candidates(scores: [2, 1], grades: [1, 0], queries: ["a", "a"]), missed: ["a": [1], "b": [2], "c": [0]])
    let two = try TaskScores(retrieved)
    #expect(two.count == 2 && two.leftOut == 0)
    #expect(try two.value(of: .mrr()) == 0.5 && two.value(of: .map) == 0.25 && two.value(of: .recall(at: 5)) == 0.25)
    // All queries together: those without a relevant candidate count nowhere.
    let names = reference.rankings.indices.map { "q\($0)" }
    let scores = try TaskScores(
      TaskPredictions(
        .candidates(
          scores: reference.rankings.flatMap(\.scores), grades: reference.rankings.flatMap(\.grades),
          queries: zip(names, reference.rankings).flatMap { name, query in query.scores.map { _ in name } })))
    let useful = reference.rankings.filter { $0.grades.contains { $0 > 0 } }
    #expect(scores.count == useful.count && scores.leftOut == reference.rankings.count - useful.count)
    for name in ["ndcg@10", "mrr", "map", "recall@3"] {
      let mean = useful.reduce(0) { $0 + ($1.figures[name] ?? .nan) } / Double(useful.count)
      #expect(near(try scores.value(of: #require(TaskMetric(name))), mean), "\(name)")
    }
  }

  @Test("calibration errors and Brier's score follow their definitions")
  func calibration() throws {
    for item in reference.calibration {
      let labels = (0..<(item.logits.first?.count ?? 0)).map { "\($0)" }
      let scores = try TaskScores(TaskPredictions(.classes(logits: item.logits, labels: item.labels), labels: labels))
      #expect(abs(try scores.value(of: .calibrationError) - item.equal) < 1e-9)
      #expect(abs(try scores.value(of: .adaptiveCalibrationError) - item.adaptive) < 1e-9)
      #expect(abs(try scores.value(of: .brier) - item.brier) < 1e-12)
    }
  }

  @Test("McNemar's exact p equals SciPy's binomial test")
  func mcnemar() {
    for item in reference.mcnemar {
      #expect(abs(Metrics.mcnemar(onlyFirst: Int(item[0]), onlySecond: Int(item[1])) - item[2]) < 1e-9, "\(item)")
    }
  }

  @Test("an example that counts k times is an example that is there k times")
  func weights() throws {
    let (facts, weights) = (reference.paired, reference.weighted.weights)
    let scores = try TaskScores(TaskPredictions(.values(answers: facts.one, targets: facts.truth)))
    #expect(abs(try scores.value(of: .spearman, weights: weights) - reference.weighted.spearman) < 1e-12)
    #expect(abs(try scores.value(of: .pearson, weights: weights) - reference.weighted.pearson) < 1e-12)
    for metric in [TaskMetric.accuracy, .f1, .macroF1, .weightedF1, .matthews, .calibrationError, .brier] {
      let item = reference.calibration[0]
      let times = item.labels.indices.map { $0 % 3 }
      func repeated<Value>(_ list: [Value]) -> [Value] { zip(list, times).flatMap { Array(repeating: $0, count: $1) } }
      let labels = ["a", "b"]
      let whole = try TaskScores(TaskPredictions(.classes(logits: item.logits, labels: item.labels), labels: labels))
      let long = try TaskScores(
        TaskPredictions(.classes(logits: repeated(item.logits), labels: repeated(item.labels)), labels: labels))
      #expect(abs(try whole.value(of: metric, weights: times) - long.value(of: metric)) < 1e-12, "\(metric.name)")
    }
    for item in reference.tags {
      let times = item.labels.indices.map { ($0 + 1) % 4 }
      func repeated(_ list: [[String]]) -> [[String]] { zip(list, times).flatMap { Array(repeating: $0, count: $1) } }
      let names = Array(Set(item.labels.flatMap { $0 }))
      let whole = try TaskScores(
        TaskPredictions(.tags(answers: item.predictions, targets: item.labels), labels: names))
      let long = try TaskScores(
        TaskPredictions(.tags(answers: repeated(item.predictions), targets: repeated(item.labels)), labels: names))
      for metric in [TaskMetric.entityF1, .strictEntityF1, .entityPrecision, .entityRecall, .tagAccuracy] {
        #expect(try whole.value(of: metric, weights: times) == long.value(of: metric), "\(metric.name)")
      }
    }
  }

  @Test("the paired bootstrap agrees with SciPy's up to sampling, and repeats")
  func paired() throws {
    let facts = reference.paired
    func scores(_ answers: [Double]) throws -> TaskScores {
      try TaskScores(TaskPredictions(.values(answers: answers, targets: facts.truth)))
    }
    let (one, two) = (try scores(facts.one), try scores(facts.two))
    let found = try one.difference(to: two, in: .spearman)
    #expect(abs(found.difference - (try one.value(of: .spearman) - two.value(of: .spearman))) < 1e-15)
    // 1,000 against 4,000 resamples of a difference whose interval is 0.16 wide.
    #expect(abs(found.interval.low - facts.low) < 0.02 && abs(found.interval.high - facts.high) < 0.02, "\(found)")
    #expect(try one.difference(to: two, in: .spearman) == found && found.mcnemar == nil)
    #expect(try one.difference(to: one, in: .pearson).interval == Interval(low: 0, high: 0))
    // The mean's bootstrap has the same draws as the one by indices.
    let (hits, labels) = ([1.0, 0, 1, 1, 0, 1, 1], [0, 1, 0, 1, 1, 0, 1])
    let logits = zip(hits, labels).map { hit, label -> [Float] in (hit == 1) == (label == 1) ? [0, 1] : [1, 0] }
    let classes = try TaskScores(TaskPredictions(.classes(logits: logits, labels: labels), labels: ["a", "b"]))
    let (own, other) = (try classes.intervals(of: [.accuracy], seed: 7)[0], try Metrics.bootstrapMean(hits, seed: 7))
    #expect(abs(own.low - other.low) < 1e-12 && abs(own.high - other.high) < 1e-12)
  }

  @Test func namesAndFaults() {
    for form in TaskForm.allCases {
      #expect(form.metric.form == form && form.metrics(labels: 2).allSatisfy { $0.fault(for: form) == nil })
      for name in TaskMetric.names(of: form) {
        #expect(TaskMetric(name)?.name == name && TaskMetric(name)?.form == form, "\(name)")
      }
    }
    for name in ["", "ndcg", "ndcg@0", "ndcg@-1", "ndcg@x", "accuracy@3", "Accuracy"] {
      #expect(TaskMetric(name) == nil)
    }
    #expect(TaskMetric.accuracy.fault(for: .ranking) != nil && TaskMetric.ndcg(at: 0).fault(for: .ranking) != nil)
    #expect(
      TaskMetric.mrr() == .mrr(at: nil) && TaskMetric.mrr().words == "MRR" && TaskMetric.ndcg(at: 5).words == "nDCG@5")
  }

  @Test func refusals() throws {
    let values = try TaskScores(TaskPredictions(.values(answers: [1, 2], targets: [1, 3])))
    #expect(throws: RetortError.self) { try values.value(of: .accuracy) }
    #expect(throws: RetortError.self) { try values.value(of: .pearson, weights: [1]) }
    let others = try TaskScores(TaskPredictions(.values(answers: [1], targets: [1])))
    #expect(throws: RetortError.self) { try values.difference(to: others, in: .pearson) }
    for rows: TaskPredictions.Rows in [
      .values(answers: [], targets: []), .values(answers: [.nan], targets: [1]), .values(answers: [1], targets: []),
      .tags(answers: [["O"]], targets: [["O", "O"]]), .classes(logits: [[1]], labels: [0]),
      .candidates(scores: [1], grades: [0], queries: ["q"]), .candidates(scores: [1], grades: [], queries: ["q"]),
    ] {
      #expect(throws: RetortError.self, "\(rows)") { _ = try TaskScores(TaskPredictions(rows, labels: ["a", "b"])) }
    }
    #expect(throws: RetortError.self) { try Metrics.entityScores([["O"]], [["O", "O"]]) }
    let three = try TaskScores(
      TaskPredictions(.classes(logits: [[1, 2, 3]], labels: [0]), labels: ["a", "b", "c"]))
    #expect(throws: RetortError.self) { try three.value(of: .f1) }
  }

  @Test func aPredictionFileGivesThePredictionsAgain() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "retort-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = FilePath(folder.appending(path: "predictions.tsv").path)
    let all = [
      TaskPredictions(.classes(logits: [[0.1, -2e-9], [3, 4.5]], labels: [1, 0]), labels: ["no", "yes"]),
      TaskPredictions(.values(answers: [0.1 + 0.2, -1e-30], targets: [3, 4.25])),
      TaskPredictions(.tags(answers: [["O", "B-a"], []], targets: [["B-a", "O"], []]), labels: ["O", "B-a"]),
      TaskPredictions(.candidates(scores: [1, 2.5], grades: [0, 3], queries: ["q 1", "q2"])),
    ]
    for predictions in all {
      try Files.replace(path, with: predictions.file, isDurable: false)
      let again = try TaskPredictions(reading: path, form: predictions.form, labels: predictions.labels)
      #expect(again == predictions && again.isAbout(sameAs: predictions))
      #expect(try again.agreement(with: predictions) > 0.999 || predictions.count == 0)
    }
    for text in ["index\tlabel\tprediction\n0\t1\n", "index\tlabel\tprediction\n0\tx\t1\n"] {
      try Files.replace(path, with: Array(text.utf8), isDurable: false)
      let error = #expect(throws: RetortError.self) {
        _ = try TaskPredictions(reading: path, form: .regression, labels: [])
      }
      #expect(error?.place.line == 2)
    }
  }
}
