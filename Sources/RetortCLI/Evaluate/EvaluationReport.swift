import Retort
import Training

/// What `evaluate` says of a model.
struct EvaluationReport {
  var figures: EvaluationFigures
  var sentencesPerSecond: Double

  /// For people: a line a score, the difference, F1 by class.
  func lines(against reference: String?) -> [String] {
    var rows = ([figures.primary] + figures.others).map { figure in
      [figure.metric.words, figure.metric.shown(figure.value), Self.range(figure.interval, figure.metric)]
    }
    if let reference, let difference = figures.difference {
      let metric = difference.metric
      let range = difference.interval
      var words = "\(metric.gain(range.low, digits: 2)) … \(metric.gain(range.high, digits: 2))"
      if let p = difference.mcnemar { words += ", McNemar p \(Figures.fixed(p, 3))" }
      rows.append(["\(metric.words) to \(reference)", metric.gain(difference.difference, digits: 2), words])
      rows.append(["agreement with \(reference)", Figures.percent(figures.agreement ?? 0), ""])
    }
    rows += figures.f1.sorted { $0.key < $1.key }.map { ["F1 of \($0.key)", Figures.percent($0.value), ""] }
    let table = Table(
      [.init(heading), .init("score", isNumber: true), .init("95 % interval", isNumber: true)], rows: rows)
    return table.lines(width: nil)
  }

  private var heading: String {
    switch figures.form {
    case .classification, .regression: "\(Figures.count(figures.examples)) examples"
    case .tagging: "\(Figures.count(figures.units)) sentences"
    case .ranking:
      "\(Figures.count(figures.units)) queries"
        + (figures.leftOut == 0 ? "" : " (\(Figures.count(figures.leftOut)) without a relevant passage left out)")
    }
  }

  private static func range(_ interval: Interval, _ metric: TaskMetric) -> String {
    metric.isShare
      ? "\(Figures.fixed(interval.low * 100, 1)) – \(Figures.fixed(interval.high * 100, 1))"
      : "\(Figures.fixed(interval.low, 3)) – \(Figures.fixed(interval.high, 3))"
  }

  func throughput(_ seconds: Double) -> String {
    "\(Figures.count(figures.examples)) \(figures.examples == 1 ? "example" : "examples") in \(Figures.fixed(seconds, 2)) s: "
      + "\(Figures.short(sentencesPerSecond)) sentences/s"
  }

  var json: JSONLine {
    func figure(_ figure: EvaluationFigures.Figure) -> JSONLine {
      .fields([
        "metric": .string(figure.metric.name), "value": .number(figure.value), "interval": figure.interval.json,
      ])
    }
    return .fields([
      "task": .string(figures.form.rawValue), "examples": .integer(figures.examples), "units": .integer(figures.units),
      "left_out": figures.leftOut > 0 ? .integer(figures.leftOut) : nil,
      "metric": .string(figures.primary.metric.name), "score": .number(figures.primary.value),
      "score_interval": figures.primary.interval.json,
      "scores": .array(([figures.primary] + figures.others).map(figure)),
      "f1": figures.f1.isEmpty
        ? nil : .object(figures.f1.sorted { $0.key < $1.key }.map { .init($0.key, .number($0.value)) }),
      "difference": figures.difference.map { .number($0.difference) },
      "difference_interval": figures.difference.map(\.interval.json),
      "mcnemar_p": figures.difference.flatMap { $0.mcnemar.map { .number($0) } },
      "agreement": figures.agreement.map { .number($0) }, "sentences_per_second": .number(sentencesPerSecond),
    ])
  }
}
