import Artifacts
import Storing

/// Why a stage of a run was computed, or was not.
public struct Explanation: Sendable {
  public enum Reason: Sendable {
    /// An earlier execution had the same key.
    case cached(since: RunID?)
    /// No earlier run had anything to compare it with.
    case first
    /// These components differ from those of `label` in `run`.
    case changed([RecipeDifference.Change], since: RunID, label: String)
    /// The key is that of the earlier run, which has no result of it any more, or computing was forced.
    case again(since: RunID)
    /// The run never came so far.
    case notReached
  }

  public var label: String
  public var run: RunID
  public var outcome: StepOutcome
  public var reason: Reason
  /// For changed inputs: the stages above whose own options, files or versions changed, nearest first.
  public var causes: [(label: String, changes: [RecipeDifference.Change])] = []
}

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
    guard let (old, changes) = try compare(step, key, history) else {
      answer.reason = .first
      return answer
    }
    answer.reason =
      changes.isEmpty ? .again(since: old.run) : .changed(changes, since: old.run, label: old.step.label)
    if changes.contains(where: { if case .input = $0.new { true } else { false } }) {
      answer.causes = try causes(of: changes, steps.all, history)
    }
    return answer
  }

  /// The differences from the same label of an earlier run, else from the nearest step of the same stage.
  private func compare(
    _ step: RunStep, _ key: Key, _ history: StepHistory
  ) throws -> (old: StepHistory.Entry, changes: [RecipeDifference.Change])? {
    guard let new = try cache.recipe(of: key) else { return nil }
    let tree = try RecipeTree(new)
    if let same = try history.entry(labelled: step.label), same.step.stage.id == step.stage.id,
      let changes = try difference(same, to: tree)
    {
      return (same, changes)
    }
    var best: (old: StepHistory.Entry, changes: [RecipeDifference.Change])?
    for entry in try history.entries(of: step.stage.id) {
      guard let changes = try difference(entry, to: tree) else { continue }
      if changes.count < best?.changes.count ?? .max { best = (entry, changes) }
    }
    return best
  }

  private func difference(_ old: StepHistory.Entry, to new: RecipeTree) throws -> [RecipeDifference.Change]? {
    guard let key = old.step.key, let recipe = try cache.recipe(of: key) else { return nil }
    return RecipeDifference(from: try RecipeTree(recipe), to: new).changes
  }

  /// Follows changed inputs upwards until something changed by itself.
  private func causes(
    of changes: [RecipeDifference.Change], _ steps: [RunStep], _ history: StepHistory
  ) throws -> [(label: String, changes: [RecipeDifference.Change])] {
    let byKey = Dictionary(
      steps.compactMap { step in step.key.map { ($0, step) } }, uniquingKeysWith: { first, _ in first })
    var found: [(label: String, changes: [RecipeDifference.Change])] = []
    var seen: Set<String> = []
    var waiting = changes
    while !waiting.isEmpty {
      var next: [RecipeDifference.Change] = []
      for case .input(_, let digest)? in waiting.map(\.new) {
        let makers = try cache.producers(of: digest).compactMap { byKey[$0.key] }
        guard let maker = makers.last, seen.insert(maker.label).inserted, let key = maker.key,
          let (_, changes) = try compare(maker, key, history)
        else { continue }
        let own = changes.filter { if case .input = $0.subject { false } else { true } }
        if !own.isEmpty { found.append((maker.label, own)) }
        next += changes
      }
      waiting = next
    }
    return found
  }
}

/// What earlier runs of a pipeline had under each label, read as far as a question needs.
private final class StepHistory {
  struct Entry {
    var run: RunID
    var step: RunStep
  }

  private let cache: Cache
  private var waiting: ArraySlice<RunID>
  private var read: [RunSteps] = []
  private var known: Set<Digest> = []
  private var byStage: [String: [Entry]]?

  /// - Parameter runs: the newest first.
  init(_ cache: Cache, _ runs: [RunID]) { (self.cache, waiting) = (cache, runs[...]) }

  /// The newest step with a label that had a key.
  func entry(labelled label: String) throws -> Entry? {
    var position = 0
    while let steps = try steps(position) {
      position += 1
      if let step = try steps.step(labelled: label), step.key != nil { return Entry(run: steps.run, step: step) }
    }
    return nil
  }

  /// The newest steps of a stage, one for each label.
  func entries(of stage: String) throws -> [Entry] {
    if let byStage { return byStage[stage] ?? [] }
    var found: [String: [Entry]] = [:]
    var labels: Set<String> = []
    var position = 0
    while let steps = try steps(position) {
      position += 1
      for step in try steps.all where step.key != nil && labels.insert(step.label).inserted {
        found[step.stage.id, default: []].append(Entry(run: steps.run, step: step))
      }
    }
    byStage = found
    return found[stage] ?? []
  }

  private func steps(_ position: Int) throws -> RunSteps? {
    while read.count <= position, let run = waiting.popFirst() {
      guard let steps = try cache.runSteps(of: run, besides: known) else { continue }
      known.insert(steps.digest)
      read.append(steps)
    }
    return read.indices.contains(position) ? read[position] : nil
  }
}

extension Explanation: CustomStringConvertible {
  public var description: String {
    var lines: [String]
    switch reason {
    case .cached(let since):
      lines = ["“\(label)” was cached in run \(run)\(since.map { ": run \($0) computed it" } ?? "")."]
    case .first: lines = ["“\(label)” ran in run \(run): no earlier run had such a stage."]
    case .again(let since):
      lines = [
        "“\(label)” ran in run \(run) with the same recipe as in run \(since): it was forced, or its result was gone."
      ]
    case .notReached: lines = ["Run \(run) did not come as far as “\(label)”."]
    case .changed(let changes, let since, let old):
      let name = old == label ? "run \(since)" : "“\(old)” of run \(since)"
      lines = ["“\(label)” ran in run \(run), for since \(name) there changed:"] + changes.map { "  \($0)" }
    }
    for cause in causes {
      lines.append("because in “\(cause.label)” there changed:")
      lines += cause.changes.map { "  \($0)" }
    }
    return lines.joined(separator: "\n")
  }
}
