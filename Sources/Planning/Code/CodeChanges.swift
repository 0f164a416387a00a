/// What to do about a cached result whose stage had other code when it was computed.
public enum CodeChanges: String, Sendable, Hashable, CaseIterable {
  /// Uses it, and says which files changed: raising `version` is the way to compute it again.
  case warn
  /// Computes it again.
  case rerun
  case ignore
}

/// The fingerprints of stages by their ids, those included that they may run inside themselves.
public struct CodeTable: Sendable {
  private let fingerprints: [String: CodeFingerprint]
  /// As executions record them: compared for every hit.
  private let texts: [String: String]

  init(_ fingerprints: [String: CodeFingerprint]) {
    self.fingerprints = fingerprints
    texts = fingerprints.mapValues(\.description)
  }

  public var isEmpty: Bool { fingerprints.isEmpty }

  /// What executions of a stage record; nil where its target is built without fingerprints.
  public func recorded(of stage: String) -> String? { texts[stage] }

  /// The files that changed since an execution; none where one of the two sides is not known.
  public func changes(since execution: Execution) -> [String] {
    guard let recorded = execution.details.codeFingerprint, let now = fingerprints[execution.stage.id],
      recorded != texts[execution.stage.id]
    else { return [] }
    return now.changes(since: CodeFingerprint(recorded))
  }
}

extension StageCatalogue {
  /// Of every type that was met.
  var code: CodeTable {
    CodeTable(
      Dictionary(known.compactMap { traits in traits.code.map { (traits.identity.id, $0) } }) { first, _ in first })
  }
}

extension CodeFingerprint {
  /// The files behind some types together; nil where nothing is known of them.
  init?(of types: [any Stage.Type]) {
    self.init()
    for type in types {
      if let own = type.codeFingerprint { formUnion(own) }
    }
    if hashes.isEmpty { return nil }
  }
}
