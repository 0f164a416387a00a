import Artifacts
import Storing

extension Inspector {
  /// Compares two runs label by label.
  public func difference(from old: RunRecord, to new: RunRecord) throws -> Divergence {
    var answer = Divergence(old: .init(old), new: .init(new))
    answer.options = Self.options(from: old.request.options, to: new.request.options)
    let (before, after) = (try cache.steps(of: old.id), try cache.steps(of: new.id))
    let left = Dictionary(before.map { ($0.label, $0) }) { first, _ in first }
    let right = Dictionary(after.map { ($0.label, $0) }) { first, _ in first }
    answer.onlyOld = before.map(\.label).filter { right[$0] == nil }
    answer.onlyNew = after.map(\.label).filter { left[$0] == nil }
    try cache.reading { snapshot in
      var pairs: [DivergenceWalk.Pair] = []
      var figures = (old: [Measured](), new: [Measured]())
      for step in after {
        guard let other = left[step.label] else { continue }
        guard let now = try snapshot.node(of: step), let was = try snapshot.node(of: other) else {
          answer.notReached.append(step.label)
          continue
        }
        if step.parent == nil {
          figures.old += was.execution?.figures(named: step.label) ?? []
          figures.new += now.execution?.figures(named: step.label) ?? []
        }
        if was.key == now.key, was.digest == nil, now.digest == nil,
          step.execution == nil || other.execution != step.execution
        {
          answer.notReached.append(step.label)
          continue
        }
        guard was.key != now.key || was.digest != now.digest else { continue }
        if was.digest == nil || was.digest != now.digest { answer.differing.append(step.label) }
        pairs.append(.init(old: was, new: now))
      }
      var walk = DivergenceWalk(snapshot)
      try walk.follow(pairs)
      answer.causes = walk.causes
      answer.figures = Divergence.Figure.differing(figures.old, figures.new)
    }
    answer.isSame =
      answer.differing.isEmpty && answer.onlyOld.isEmpty && answer.onlyNew.isEmpty && answer.notReached.isEmpty
    let labels = after.compactMap { step in step.key.map { ($0, step.label) } }
    try complete(&answer, labels: Dictionary(labels) { first, _ in first })
    return answer
  }

  private static func options(
    from old: [String: String], to new: [String: String]
  ) -> [(name: String, old: String?, new: String?)] {
    Set(old.keys).union(new.keys).sorted().compactMap { name in
      old[name] == new[name] ? nil : (name, old[name], new[name])
    }
  }
}

extension CacheSnapshot {
  /// What a step of a run used; nil where the run did not come to it.
  fileprivate func node(of step: RunStep) throws -> DivergenceWalk.Node? {
    guard let key = step.key else { return nil }
    guard let execution = try execution(step.execution, of: key) else {
      return DivergenceWalk.Node(key: key, stage: step.stage)
    }
    return DivergenceWalk.Node(execution, digest: execution.digest(port: ""))
  }
}
