import Artifacts
import Storing

/// Why two results, or two runs, differ: the smallest set of causes, and what the differences did to the figures.
///
/// An input that differs only because something before it differs is no cause; the option, file, version or seed is.
public struct Divergence: Sendable {
  /// One of the two.
  public struct Side: Sendable, Hashable {
    /// What it is called: a label, or the pipeline of a run.
    public var name: String?
    public var run: RunID
    /// Nil for a run.
    public var digest: Digest?
    public var key: Key?
    public var stage: StageIdentity?
  }

  /// A component that differs by itself, with the stages that have it.
  public struct Cause: Sendable, Hashable {
    public enum Kind: String, Sendable, Codable {
      /// An option, a file, a version, a seed, or an input that one side has alone.
      case recipe
      /// Another stage stands at the same place: its recipe is not compared further.
      case stage
      /// The recipes are equal and the bytes are not: another numerics profile, other code, or a measurement.
      case bytes
      /// What gave an input is no longer in the cache, so that nothing more is known.
      case lost
    }

    public var kind: Kind
    public var change: RecipeDifference.Change
    /// The stages with this very difference; the nearest first.
    public var stages: [Stage]
  }

  public struct Stage: Sendable, Hashable {
    /// The label on the new side, where a recent run had one.
    public var label: String?
    public var identity: StageIdentity
    var key: Key
  }

  public struct Figure: Sendable, Hashable {
    public var name: String
    public var old: Double?
    public var new: Double?
  }

  public var old: Side
  public var new: Side
  /// Whether the bytes are equal all the same; for runs, whether no stage's result differs.
  public var isSame = false
  public var causes: [Cause] = []
  /// Figures that differ, or that one side has alone.
  public var figures: [Figure] = []

  // MARK: Of runs

  /// Options of the command line that differ.
  public var options: [(name: String, old: String?, new: String?)] = []
  /// Labels of stages whose results differ, in the order of the new run.
  public var differing: [String] = []
  public var onlyOld: [String] = []
  public var onlyNew: [String] = []
  /// Labels of stages that one of the runs did not come to.
  public var notReached: [String] = []

  /// Where files that are causes were seen last.
  public var paths: [Digest: FilePath] = [:]

  init(old: Side, new: Side) { (self.old, self.new) = (old, new) }
}

extension Inspector {
  /// Compares two artifacts or two runs.
  ///
  /// - Throws: `RetortError` where a name is unknown, or one is a run and the other is not.
  public func difference(from old: String, to new: String) throws -> Divergence {
    switch (try resolve(old), try resolve(new)) {
    case (.artifact(let old), .artifact(let new)): return try difference(from: old, to: new)
    case (.run(let old), .run(let new)): return try difference(from: old, to: new)
    case (.run, .artifact): throw Self.unlike(run: old, artifact: new)
    case (.artifact, .run): throw Self.unlike(run: new, artifact: old)
    }
  }

  private static func unlike(run: String, artifact: String) -> RetortError {
    RetortError(
      "name.unlike", "“\(run)” is a run, and “\(artifact)” is an artifact.",
      remedy: "Name two runs or two artifacts; what run \(run) had under a label is LABEL@\(run).")
  }

  public func difference(from old: Finding, to new: Finding) throws -> Divergence {
    var answer = Divergence(old: .init(old), new: .init(new))
    answer.isSame = old.digest == new.digest
    let (causes, figures) = try cache.reading { snapshot in
      var walk = DivergenceWalk(snapshot)
      try walk.follow([
        .init(old: .init(old.execution, digest: old.digest), new: .init(new.execution, digest: new.digest))
      ])
      return (
        walk.causes,
        Divergence.Figure.differing(try snapshot.figures(of: old), try snapshot.figures(of: new))
      )
    }
    (answer.causes, answer.figures) = (causes, figures)
    try complete(&answer, labels: [:])
    return answer
  }

  /// Adds labels and paths, which are joined when something is shown.
  ///
  /// - Parameter labels: those that are known already.
  func complete(_ answer: inout Divergence, labels: [Key: String]) throws {
    let missing = answer.causes.flatMap { $0.stages.map(\.key) }.filter { labels[$0] == nil }
    let names = labels.merging(try Labels(cache).names(of: missing)) { known, _ in known }
    for cause in answer.causes.indices {
      for stage in answer.causes[cause].stages.indices {
        answer.causes[cause].stages[stage].label = names[answer.causes[cause].stages[stage].key]
      }
    }
    var sources: Set<Digest> = []
    for change in answer.causes.map(\.change) {
      for case .source(let digest)? in [change.old, change.new] { sources.insert(digest) }
    }
    answer.paths = try cache.sourcePaths(of: sources)
  }
}

extension Divergence.Side {
  init(_ finding: Finding) {
    self.init(
      name: finding.label.map { $0 + (finding.port.map { $0.isEmpty ? "" : ".\($0)" } ?? "") },
      run: finding.execution.run, digest: finding.digest, key: finding.execution.key, stage: finding.execution.stage)
  }

  init(_ run: RunRecord) {
    self.init(name: run.request.pipeline, run: run.id, digest: nil, key: nil, stage: nil)
  }
}
