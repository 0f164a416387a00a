import Artifacts
import Training

/// One model of a comparison, joined with its label: a row of the leaderboard.
struct ModelFigures: Sendable, Hashable {
  var label: String
  var digest: Digest?
  var parameters: Int
  /// Of all files of the artifact.
  var bytes: Int
  /// Floating-point operations for a token.
  var operationsPerToken: Int?
  /// What `score` is.
  var metric = TaskMetric.accuracy
  /// On examples that the model was not trained on.
  var score: Double
  var interval: Interval?
  /// Of a classifier, whatever the score is.
  var accuracy: Double?
  var macroF1: Double?
  /// The score less the first model's, on the same examples.
  var difference: PairedDifference?
  /// How alike the first model answers.
  var agreement: Double?
  /// In batches of 32 on one core.
  var sentencesPerSecond: Double?
  /// Seconds for one sentence.
  var p50: Double?
  var p95: Double?

  var json: JSONLine {
    .fields([
      "label": .string(label), "digest": digest.map { .string($0.hex) }, "parameters": .integer(parameters),
      "bytes": .integer(bytes), "accuracy": accuracy.map { .number($0) },
      "sentences_per_second": sentencesPerSecond.map { .number($0) },
      "operations_per_token": operationsPerToken.map { .integer($0) },
      "metric": .string(metric.name), "score": .number(score), "score_interval": interval.map(\.json),
      "accuracy_interval": metric == .accuracy ? interval.map(\.json) : nil,
      "macro_f1": macroF1.map { .number($0) }, "difference": difference.map { .number($0.difference) },
      "difference_interval": difference.map(\.interval.json),
      "mcnemar_p": difference.flatMap { $0.mcnemar.map { .number($0) } }, "agreement": agreement.map { .number($0) },
      "p50_seconds": p50.map { .number($0) }, "p95_seconds": p95.map { .number($0) },
    ])
  }

  /// The leaderboard as a table.
  static func table(_ models: [ModelFigures]) -> Table {
    let metrics = models.reduce(into: [TaskMetric]()) { if !$0.contains($1.metric) { $0.append($1.metric) } }
    let scores: [(Table.Column, (ModelFigures) -> String?)] = metrics.map { metric in
      (.init(metric.words, isNumber: true), { $0.metric == metric ? $0.scoreText : nil })
    }
    let columns: [(Table.Column, (ModelFigures) -> String?)] =
      [
        (.init("model"), { $0.label }),
        (.init("params", isNumber: true), { Figures.compact($0.parameters) }),
        (.init("size", isNumber: true), { Figures.bytes($0.bytes) }),
        (
          .init("kFLOP/token", isNumber: true, dispensability: 5),
          { $0.operationsPerToken.map { Figures.count($0 / 1_000) } }
        ),
      ] + scores + [
        (.init("to the first", isNumber: true, dispensability: 1), { $0.differenceText }),
        (.init("agrees", isNumber: true, dispensability: 2), { $0.agreement.map { Figures.percent($0) } }),
        (.init("sent/s", isNumber: true), { $0.sentencesPerSecond.map { Figures.short($0) } }),
        (.init("p50 ms", isNumber: true, dispensability: 3), { $0.p50.map { Figures.fixed($0 * 1000, 2) } }),
        (.init("p95 ms", isNumber: true, dispensability: 4), { $0.p95.map { Figures.fixed($0 * 1000, 2) } }),
      ]
    let kept = columns.filter { column in models.contains { column.1($0) != nil } }
    return Table(kept.map(\.0), rows: models.map { model in kept.map { $0.1(model) ?? "–" } })
  }

  /// The score with its 95 % interval: shares in per cent, all others as they are.
  private var scoreText: String {
    let (factor, digits) = metric.isShare ? (100.0, 1) : (1.0, 3)
    func text(_ value: Double) -> String { Figures.fixed(value * factor, digits) }
    return metric.shown(score) + (interval.map { " (\(text($0.low))–\(text($0.high)))" } ?? "")
  }

  /// The difference with its paired 95 % interval, in points where the score is in per cent.
  private var differenceText: String? {
    guard let difference else { return nil }
    let interval = difference.interval
    return "\(metric.gain(difference.difference)) (\(metric.gain(interval.low)) … \(metric.gain(interval.high)))"
  }
}

extension Interval {
  package var json: JSONLine { .array([.number(low), .number(high)]) }
}

extension TaskMetric {
  /// A value for people: `93.1 %`, `0.874`.
  package func shown(_ value: Double) -> String { isShare ? Figures.percent(value) : Figures.fixed(value, 3) }

  /// A difference for people: `+1.2`, in points for what is read in per cent.
  package func gain(_ value: Double, digits: Int = 1) -> String {
    (value < 0 ? "−" : "+")
      + (isShare ? Figures.fixed(abs(value) * 100, digits) : Figures.fixed(abs(value), digits + 2))
  }
}
