import Artifacts
import Storing

/// Walks up two recipes at once, through the inputs that differ, to what differs by itself.
struct DivergenceWalk {
  /// A key with the execution that is meant, where there is one.
  struct Node {
    var key: Key
    var stage: StageIdentity
    var execution: Execution?
    /// What is compared of it: the output of one port, or of all.
    var digest: Digest?

    init(_ execution: Execution, digest: Digest?) {
      (key, stage, self.execution, self.digest) = (execution.key, execution.stage, execution, digest)
    }

    /// A step without a result.
    init(key: Key, stage: StageIdentity) { (self.key, self.stage) = (key, stage) }
  }

  struct Pair {
    var old: Node
    var new: Node
  }

  private struct Name: Hashable {
    var old: Key
    var new: Key
  }

  private struct Group: Hashable {
    var kind: Divergence.Cause.Kind
    var change: RecipeDifference.Change
  }

  private let cache: CacheSnapshot
  private var seen: Set<Name> = []
  private var positions: [Group: Int] = [:]
  private(set) var causes: [Divergence.Cause] = []

  init(_ cache: CacheSnapshot) { self.cache = cache }

  /// Adds the causes of the differences of some pairs, the nearest first.
  mutating func follow(_ pairs: [Pair]) throws {
    var waiting = pairs
    while !waiting.isEmpty {
      var next: [Pair] = []
      for pair in waiting where seen.insert(Name(old: pair.old.key, new: pair.new.key)).inserted {
        next += try compare(pair)
      }
      waiting = next
    }
  }

  /// Adds what differs in two recipes by itself, and returns the makers of the inputs that differ.
  private mutating func compare(_ pair: Pair) throws -> [Pair] {
    let (old, new) = (pair.old, pair.new)
    if old.key == new.key {
      compareBytes(old, new)
      return []
    }
    guard old.stage.id == new.stage.id else {
      add(.stage, .init(path: "stage", old: .string(old.stage.id), new: .string(new.stage.id)), new)
      return []
    }
    guard let before = try cache.recipe(of: old.key), let after = try cache.recipe(of: new.key) else {
      add(.lost, .init(path: "recipe", old: .source(old.key.digest), new: .source(new.key.digest)), new)
      return []
    }
    var makers: [Pair] = []
    for change in try RecipeDifference(from: before, to: after).withElementsAligned {
      guard case .input(_, let was)? = change.old, case .input(_, let now)? = change.new, was != now else {
        add(.recipe, change, new)
        continue
      }
      guard let left = try maker(of: was, to: old), let right = try maker(of: now, to: new) else {
        add(.lost, change, new)
        continue
      }
      if left.execution?.id == right.execution?.id {
        // Another part of the same bundle.
        add(.recipe, change, new)
      } else {
        makers.append(Pair(old: left, new: right))
      }
    }
    return makers
  }

  private func maker(of digest: Digest, to taker: Node) throws -> Node? {
    let execution: Execution?
    if let known = taker.execution {
      execution = try cache.giver(of: digest, to: known)
    } else {
      execution = try cache.producers(of: digest).last
    }
    return execution.map { Node($0, digest: digest) }
  }

  /// Two executions of one key.
  private mutating func compareBytes(_ old: Node, _ new: Node) {
    guard let before = old.execution, let after = new.execution, before.id != after.id, old.digest != new.digest else {
      return
    }
    let (left, right) = (before.details, after.details)
    let numerics = [
      ("numerics.kernels", left.profile.kernels, right.profile.kernels),
      ("numerics.blas", left.profile.blas, right.profile.blas),
      ("numerics.build", left.profile.build, right.profile.build),
    ].filter { $0.1 != $0.2 }
    let components =
      numerics.map { .init(path: $0.0, old: .string($0.1), new: .string($0.2)) } + right.codeChanges(since: left)
    for component in components { add(.bytes, component, new) }
    if components.isEmpty, let was = old.digest, let now = new.digest {
      add(.bytes, .init(path: "bytes", old: .source(was), new: .source(now)), new)
    }
  }

  private mutating func add(_ kind: Divergence.Cause.Kind, _ change: RecipeDifference.Change, _ node: Node) {
    let stage = Divergence.Stage(label: nil, identity: node.stage, key: node.key)
    var group = Group(kind: kind, change: change)
    // One file may have another name in each stage that reads it.
    if case .source? = change.old, case .source? = change.new { group.change.path = "" }
    if let position = positions[group] {
      causes[position].stages.append(stage)
    } else {
      positions[group] = causes.count
      causes.append(Divergence.Cause(kind: kind, change: change, stages: [stage]))
    }
  }
}
