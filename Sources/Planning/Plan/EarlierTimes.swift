extension Plan {
  /// The seconds that each step took in the last run of the pipeline that had its label; else the median of those of its
  /// kind there; nil where neither is known, and for steps that do not run.
  ///
  /// Empty where nothing at all is known. It decides an order and nothing else, so a large plan does without.
  public func earlierSeconds(in store: any ArtifactStore) -> [Double?] {
    let running = steps.filter { step in
      switch step.status {
      case .execute, .waiting: true
      case .cached, .unselected: false
      }
    }
    guard running.count > 1, running.count <= Self.mostTimed, !previous.steps.isEmpty else { return [] }
    let kinds = Set(running.lazy.map(\.identity.id))
    let known = previous.steps.filter { $0.key != nil && kinds.contains($0.stage.id) }
    guard !known.isEmpty, known.count <= Self.mostTimed,
      let found = try? store.executions(
        of: known.compactMap(\.key), preferring: options.machine.numerics, pinnedBy: nil)
    else { return [] }
    var byLabel: [String: (kind: String, seconds: Double)] = [:]
    var byKind: [String: [Double]] = [:]
    for step in known {
      guard let seconds = step.key.flatMap({ found[$0] })?.details.seconds, seconds >= 0, seconds.isFinite else {
        continue
      }
      if byLabel[step.label] == nil { byLabel[step.label] = (step.stage.id, seconds) }
      byKind[step.stage.id, default: []].append(seconds)
    }
    guard !byKind.isEmpty else { return [] }
    let medians = byKind.mapValues { $0.sorted()[$0.count / 2] }
    var seconds = [Double?](repeating: nil, count: steps.count)
    for step in running {
      let own = byLabel[step.label].flatMap { $0.kind == step.identity.id ? $0.seconds : nil }
      seconds[step.index] = own ?? medians[step.identity.id]
    }
    return seconds
  }

  private static var mostTimed: Int { 4096 }
}
