import Synchronization

/// The last run of the same pipeline, as far as reasons need it. It is put in order when the first reason is asked for:
/// a run with nothing to do asks for none.
final class PreviousRun: Sendable {
  let steps: [RunStep]
  private let index = Mutex<Index?>(nil)

  init(_ steps: [RunStep]) { self.steps = steps }

  struct Index {
    var byKey: [Key: RunStep] = [:]
    var byLabel: [String: RunStep] = [:]
    var byStage: [String: [RunStep]] = [:]
    /// Stored recipes, read once each.
    var trees: [Key: RecipeTree?] = [:]
    /// How many more recipes may be compared to find the nearest one: a plan must not become quadratic.
    var budget = 2_000

    init(_ steps: [RunStep]) {
      for step in steps {
        guard let key = step.key else { continue }
        byKey[key] = byKey[key] ?? step
        byLabel[step.label] = byLabel[step.label] ?? step
        byStage[step.stage.id, default: []].append(step)
      }
    }
  }

  /// One small function a reason, the most telling first.
  func reason(
    toRun recipe: Recipe, key: Key, label: String, stage: StageIdentity, in store: any ArtifactStore
  ) throws -> Reason {
    if steps.isEmpty { return .neverComputed }
    return try index.withLock { index in
      if index == nil { index = Index(steps) }
      guard var known = index.take() else { return .neverComputed }
      defer { index = known }
      if let reason = Self.resultIsGone(key, in: known) { return reason }
      if let reason = Self.attemptFailed(key, in: known) { return reason }
      if let reason = Self.attemptWasInterrupted(key, in: known) { return reason }
      if let reason = try Self.recipeChanged(recipe, of: label, in: &known, store) { return reason }
      if let reason = try Self.likeAnother(recipe, of: stage, in: &known, store) { return reason }
      return .neverComputed
    }
  }

  private static func resultIsGone(_ key: Key, in index: Index) -> Reason? {
    switch index.byKey[key]?.outcome {
    case .ran, .cached: .objectMissing
    default: nil
    }
  }

  private static func attemptFailed(_ key: Key, in index: Index) -> Reason? {
    index.byKey[key]?.outcome == .failed ? .failedBefore : nil
  }

  private static func attemptWasInterrupted(_ key: Key, in index: Index) -> Reason? {
    switch index.byKey[key]?.outcome {
    case .pending, .skipped: .interruptedBefore
    default: nil
    }
  }

  /// The same label had another recipe.
  private static func recipeChanged(
    _ recipe: Recipe, of label: String, in index: inout Index, _ store: any ArtifactStore
  ) throws -> Reason? {
    guard let before = index.byLabel[label], let key = before.key, let old = try index.tree(of: key, in: store)
    else { return nil }
    return .changed(RecipeDifference(from: old, to: try RecipeTree(recipe)), since: before.label)
  }

  /// No step had the label, so it is compared with the one of the same stage from which it differs least.
  private static func likeAnother(
    _ recipe: Recipe, of stage: StageIdentity, in index: inout Index, _ store: any ArtifactStore
  ) throws -> Reason? {
    guard let candidates = index.byStage[stage.id] else { return nil }
    let new = try RecipeTree(recipe)
    var best: (difference: RecipeDifference, label: String)?
    for candidate in candidates {
      guard let key = candidate.key, index.budget > 0 else { break }
      index.budget -= 1
      guard let old = try index.tree(of: key, in: store) else { continue }
      let difference = RecipeDifference(from: old, to: new)
      if difference.changes.count < best?.difference.changes.count ?? .max { best = (difference, candidate.label) }
      if best?.difference.changes.count == 1 { break }
    }
    return best.map { .changed($0.difference, since: $0.label) }
  }
}

extension PreviousRun.Index {
  /// Nil where the store has no readable recipe any more: that is no reason not to plan.
  mutating func tree(of key: Key, in store: any ArtifactStore) throws -> RecipeTree? {
    if let known = trees[key] { return known }
    let tree = try store.recipe(of: key).flatMap { try? RecipeTree($0) }
    trees[key] = .some(tree)
    return tree
  }
}
