import Artifacts
import Storing

extension Inspector {
  /// Explains what the newest run (of `pipeline`, if given) did with the stage `label`.
  public func why(_ label: String, pipeline: String? = nil) throws -> Explanation {
    let runs = try cache.runs(limit: 50).filter { pipeline == nil || $0.request.pipeline == pipeline }
    for (position, run) in runs.enumerated() {
      guard let steps = try cache.runSteps(of: run.id), let step = try steps.step(labelled: label) else { continue }
      let earlier = runs[(position + 1)...].filter { $0.request.pipeline == run.request.pipeline }
      let history = StepHistory(cache, earlier.prefix(10).map(\.id))
      return try explain(step, in: run.id, steps, history)
    }
    let similar = try Labels(cache).similar(to: label)
    throw RetortError(
      "name.unknown", "No recent run has a stage “\(label)”.",
      remedy: similar.isEmpty
        ? "“retort show RUN” lists the stages of a run."
        : "Did you mean \(similar.map { "“\($0)”" }.joined(separator: " or "))?")
  }

  private func explain(
    _ step: RunStep, in run: RunID, _ steps: RunSteps, _ history: StepHistory
  ) throws -> Explanation {
    var answer = Explanation(label: step.label, run: run, outcome: step.outcome, reason: .notReached)
    guard let key = step.key else { return answer }
    if step.outcome == .cached {
      let made = try cache.execution(step.execution, of: key)
      answer.reason = .cached(since: made?.run)
      return answer
    }
    // It was planned, and then skipped or never begun.
    if step.execution == nil, step.outcome != .failed { return answer }
    let comparison = StepComparison(cache, history)
    guard let (old, changes) = try comparison.changes(of: step, key) else {
      answer.reason = .first
      return answer
    }
    if !changes.isEmpty {
      answer.reason = .changed(changes, since: old.run, label: old.step.label)
    } else {
      answer.reason = old.step.execution == nil ? .attempted(since: old.run) : .again(since: old.run)
    }
    if changes.contains(where: { if case .input = $0.new { true } else { false } }) {
      answer.causes = try CauseWalk(cache, run, steps.all, comparison).causes(of: step, changes)
    }
    return answer
  }
}
