import Artifacts

/// One model of a comparison, joined with its label: a row of the leaderboard.
struct ModelFigures: Sendable, Hashable {
  var label: String
  var digest: Digest?
  var parameters: Int
  /// Of all files of the artifact.
  var bytes: Int
  /// Floating-point operations for a token.
  var operationsPerToken: Int?
  /// The share of right answers on examples that the model was not trained on.
  var accuracy: Double
  var interval: ClosedRange<Double>?
  var macroF1: Double?
  /// The share of answers that are those of the first model.
  var agreement: Double?
  /// In batches of 32 on one core.
  var sentencesPerSecond: Double?
  /// Seconds for one sentence.
  var p50: Double?
  var p95: Double?

  var json: JSONLine {
    .fields([
      "label": .string(label), "digest": digest.map { .string($0.hex) }, "parameters": .integer(parameters),
      "bytes": .integer(bytes), "accuracy": .number(accuracy),
      "sentences_per_second": sentencesPerSecond.map { .number($0) },
      "operations_per_token": operationsPerToken.map { .integer($0) },
      "accuracy_interval": interval.map { .array([.number($0.lowerBound), .number($0.upperBound)]) },
      "macro_f1": macroF1.map { .number($0) }, "agreement": agreement.map { .number($0) },
      "p50_seconds": p50.map { .number($0) }, "p95_seconds": p95.map { .number($0) },
    ])
  }

  /// The leaderboard as a table.
  static func table(_ models: [ModelFigures]) -> Table {
    let columns: [(Table.Column, (ModelFigures) -> String?)] = [
      (.init("model"), { $0.label }),
      (.init("params", isNumber: true), { Figures.compact($0.parameters) }),
      (.init("size", isNumber: true), { Figures.bytes($0.bytes) }),
      (
        .init("kFLOP/token", isNumber: true, dispensability: 4),
        { $0.operationsPerToken.map { Figures.count($0 / 1_000) } }
      ),
      (.init("accuracy", isNumber: true), { Figures.percent($0.accuracy) + ($0.interval.map(Self.range) ?? "") }),
      (.init("agrees", isNumber: true, dispensability: 1), { $0.agreement.map { Figures.percent($0) } }),
      (.init("sent/s", isNumber: true), { $0.sentencesPerSecond.map { Figures.short($0) } }),
      (.init("p50 ms", isNumber: true, dispensability: 2), { $0.p50.map { Figures.fixed($0 * 1000, 2) } }),
      (.init("p95 ms", isNumber: true, dispensability: 3), { $0.p95.map { Figures.fixed($0 * 1000, 2) } }),
    ]
    let kept = columns.filter { column in models.contains { column.1($0) != nil } }
    return Table(kept.map(\.0), rows: models.map { model in kept.map { $0.1(model) ?? "–" } })
  }

  /// The 95 % interval of the accuracy, in per cent.
  private static func range(_ interval: ClosedRange<Double>) -> String {
    " (\(Figures.fixed(interval.lowerBound * 100, 1))–\(Figures.fixed(interval.upperBound * 100, 1)))"
  }
}
