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
      "label": .string(label), "pairs": .integer(effect.pairs), "accuracy": .number(effect.accuracy),
      "reference": .number(effect.reference), "gain": .number(effect.gain),
      "gain_interval": .array([.number(effect.interval.low), .number(effect.interval.high)]),
    ])
  }

  /// The effects as a table; gains in points of accuracy.
  static func table(_ effects: [EffectFigures]) -> Table {
    func points(_ share: Double) -> String { (share < 0 ? "−" : "+") + Figures.fixed(abs(share) * 100, 2) }
    return Table(
      [
        .init("effect of"), .init("pairs", isNumber: true, dispensability: 1), .init("without", isNumber: true),
        .init("with", isNumber: true), .init("gain", isNumber: true), .init("95 % interval", isNumber: true),
      ],
      rows: effects.map { row in
        [
          row.label, Figures.count(row.effect.pairs), Figures.percent(row.effect.reference),
          Figures.percent(row.effect.accuracy), points(row.effect.gain),
          "\(points(row.effect.interval.low)) … \(points(row.effect.interval.high))",
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
