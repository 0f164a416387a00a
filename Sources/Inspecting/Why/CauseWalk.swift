import Artifacts
import Storing

/// Follows changed inputs upwards, to the stages that changed by themselves.
struct CauseWalk {
  private let cache: Cache
  private let run: RunID
  private let comparison: StepComparison
  /// In the order of the plan: what gives comes before what takes.
  private var positions: [String: Int] = [:]
  private var byKey: [Key: [RunStep]] = [:]
  private var byExecution: [Int64: [RunStep]] = [:]

  /// - Parameter steps: all of the run that is asked about.
  init(_ cache: Cache, _ run: RunID, _ steps: [RunStep], _ comparison: StepComparison) {
    (self.cache, self.run, self.comparison) = (cache, run, comparison)
    for (position, step) in steps.enumerated() {
      positions[step.label] = position
      if let key = step.key { byKey[key, default: []].append(step) }
      if let execution = step.execution { byExecution[execution, default: []].append(step) }
    }
  }

  /// The causes above a step of which `changes` are known, nearest first.
  func causes(of step: RunStep, _ changes: [RecipeDifference.Change]) throws -> [Explanation.Cause] {
    var found: [Explanation.Cause] = []
    var seen: Set<String> = [step.label]
    var level = [(step, changes)]
    while !level.isEmpty {
      var above: [(RunStep, [RecipeDifference.Change])] = []
      for (taker, changes) in level {
        var own: [RecipeDifference.Change] = []
        for change in changes {
          // One input more or less is a change of the stage itself.
          guard case .input? = change.old, case .input(_, let digest)? = change.new else {
            own.append(change)
            continue
          }
          var isRewired = true
          for maker in try makers(of: digest, for: taker) {
            // Of a new stage nothing is known: that it stands here is the change.
            guard let key = maker.key, let (old, changes) = try comparison.changes(of: maker, key, at: true) else {
              continue
            }
            // One that ran again with the same recipe gave other bytes.
            if !changes.isEmpty || old.step.execution != maker.execution { isRewired = false }
            if !changes.isEmpty, seen.insert(maker.label).inserted { above.append((maker, changes)) }
          }
          // Nothing above is new: another output than before flows in.
          if isRewired { own.append(change) }
        }
        if !own.isEmpty, taker.label != step.label { found.append(.init(label: taker.label, changes: own)) }
      }
      level = above
    }
    return found
  }

  /// The steps of the run that gave `digest` to a step.
  private func makers(of digest: Digest, for taker: RunStep) throws -> [RunStep] {
    // What was recorded with a result tells of the run that computed it.
    if let key = taker.key, let execution = try cache.execution(taker.execution, of: key), execution.run == run {
      let recorded = execution.details.inputs.filter { $0.digest == digest }.compactMap { byExecution[$0.execution] }
      if !recorded.isEmpty { return recorded.flatMap { $0 } }
    }
    var known: Set<Key> = []
    let all = try cache.producers(of: digest).filter { known.insert($0.key).inserted }.flatMap { byKey[$0.key] ?? [] }
    let before = all.filter { positions[$0.label, default: 0] < positions[taker.label, default: 0] }
    return before.isEmpty ? all : before
  }
}
