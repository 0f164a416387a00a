import Executing
import Planning
import Stages
import Storing
import Training

extension ModelFigures {
  /// The rows of all comparisons of a run, each model once: labels come from the pipeline, figures from the artifacts.
  static func all(in summary: RunSummary, of session: Session) throws -> [ModelFigures] {
    let comparisons = session.plan.steps.compactMap { step in
      (step.stage as? Compare).map { (step: step, models: $0.models) }
    }
    guard !comparisons.isEmpty else { return [] }
    let executions = summary.executions
    var stepOfNode: [Int: Step] = [:]
    for step in session.plan.steps { stepOfNode[step.node] = step }

    var rows: [ModelFigures] = []
    for comparison in comparisons {
      guard let output = executions[comparison.step.label]?.outputs[""] else { continue }
      let content = try session.cache.content(of: output.digest)
      let leaderboard = try Leaderboard(StoredPart(content: content, facts: output.facts))
      for (model, row) in zip(comparison.models, leaderboard.rows) {
        let step = stepOfNode[model.edge.node]
        let label = (step?.label ?? "?") + (model.edge.port.isEmpty ? "" : ".\(model.edge.port)")
        guard !rows.contains(where: { $0.label == label }) else { continue }
        let execution = step.flatMap { executions[$0.label] ?? $0.cached }
        rows.append(ModelFigures(row, label: label, digest: execution?.digest(port: model.edge.port)))
      }
    }
    return rows
  }

  init(_ row: Leaderboard.Row, label: String, digest: Digest?) {
    let primary = row.evaluation.primary
    self.init(
      label: label, digest: digest, parameters: row.parameters, bytes: row.bytes,
      operationsPerToken: row.operationsPerToken, metric: primary.metric, score: primary.value,
      interval: primary.interval, accuracy: row.evaluation[.accuracy], macroF1: row.evaluation[.macroF1],
      difference: row.difference, agreement: row.agreement, sentencesPerSecond: row.timing.sentencesPerSecond,
      p50: row.timing.p50, p95: row.timing.p95)
  }
}
