import Artifacts
import Storing

/// What changed in a step since an earlier run.
struct StepComparison {
  private let cache: Cache
  private let history: StepHistory

  init(_ cache: Cache, _ history: StepHistory) { (self.cache, self.history) = (cache, history) }

  /// The differences from the same label of an earlier run, else from the nearest step of the same stage; nil where there is
  /// neither.
  ///
  /// - Parameter place: another stage of that label counts too: what flowed from there is what changed.
  func changes(
    of step: RunStep, _ key: Key, at place: Bool = false
  ) throws -> (old: StepHistory.Entry, changes: [RecipeDifference.Change])? {
    guard let new = try cache.recipe(of: key) else { return nil }
    let tree = try RecipeTree(new)
    if let same = try history.entry(labelled: step.label), place || same.step.stage.id == step.stage.id,
      let changes = try difference(same, to: tree)
    {
      return (same, changes.isEmpty ? try codeChanges(from: same.step, to: step) : changes)
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

  private func codeChanges(from old: RunStep, to new: RunStep) throws -> [RecipeDifference.Change] {
    guard let before = try execution(of: old), let after = try execution(of: new), before.id != after.id else {
      return []
    }
    return after.details.codeChanges(since: before.details)
  }

  private func execution(of step: RunStep) throws -> Execution? {
    try step.key.flatMap { try cache.execution(step.execution, of: $0) }
  }
}

extension ExecutionDetails {
  /// The source files of the stage that are other since, as components; none where they are not known of both.
  func codeChanges(since other: ExecutionDetails) -> [RecipeDifference.Change] {
    guard let was = other.codeFingerprint.map(CodeFingerprint.init), let now = codeFingerprint.map(CodeFingerprint.init)
    else { return [] }
    return now.changes(since: was).map { file in
      .init(
        path: "code.\(file)", old: .string(was.hashes[file] ?? "absent"), new: .string(now.hashes[file] ?? "absent"))
    }
  }
}
