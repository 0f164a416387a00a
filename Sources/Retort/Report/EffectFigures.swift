import Artifacts
import Executing
import Planning
import Stages
import Storing

/// One contrast of a run, joined with its label: a row of the table of effects.
struct EffectFigures: Sendable, Hashable {
  var label: String
  var effect: Effect

  var json: JSONLine {
    .fields([
      "label": .string(label), "pairs": .integer(effect.pairs), "metric": .string(effect.metric.name),
      "score": .number(effect.score), "accuracy": effect.metric == .accuracy ? .number(effect.score) : nil,
      "reference": .number(effect.reference), "gain": .number(effect.gain), "gain_interval": effect.interval.json,
    ])
  }

  /// The effects as a table; gains of shares in points.
  static func table(_ effects: [EffectFigures]) -> Table {
    Table(
      [
        .init("effect of"), .init("pairs", isNumber: true, dispensability: 1), .init("without", isNumber: true),
        .init("with", isNumber: true), .init("gain", isNumber: true), .init("95 % interval", isNumber: true),
      ],
      rows: effects.map { row in
        let (effect, metric) = (row.effect, row.effect.metric)
        func gain(_ value: Double) -> String { metric.gain(value, digits: 2) }
        return [
          row.label, Figures.count(effect.pairs), metric.shown(effect.reference), metric.shown(effect.score),
          gain(effect.gain), "\(gain(effect.interval.low)) … \(gain(effect.interval.high))",
        ]
      })
  }

  /// The effects of all contrasts of a run.
  static func all(in summary: RunSummary, of session: Session) throws -> [EffectFigures] {
    let labels = session.plan.steps.filter { $0.stage is Contrast }.map(\.label)
    guard !labels.isEmpty else { return [] }
    let executions = summary.executions
    return try labels.compactMap { label in
      guard let output = executions[label]?.output("") else { return nil }
      let content = try session.cache.content(of: output.digest)
      return EffectFigures(label: label, effect: try Effect(StoredPart(content: content, facts: output.facts)))
    }
  }
}
