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

  init(_ fingerprints: [String: CodeFingerprint]) { self.fingerprints = fingerprints }

  public var isEmpty: Bool { fingerprints.isEmpty }

  /// The fingerprint of a stage; nil where its target is built without any.
  public func fingerprint(of stage: String) -> CodeFingerprint? { fingerprints[stage] }

  /// The files that changed since an execution; none where one of the two sides is not known.
  public func changes(since execution: Execution) -> [String] {
    guard let recorded = execution.details.codeFingerprint, let now = fingerprints[execution.stage.id],
      recorded != now.description
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

extension Stage {
  /// The files behind the stage and behind those that it may run inside itself; nil where nothing is known of them.
  static var wholeFingerprint: CodeFingerprint? {
    var whole = CodeFingerprint()
    for type in [self as any Stage.Type] + StageTraits.reachable(from: self) {
      if let own = type.codeFingerprint { whole.formUnion(own) }
    }
    return whole.hashes.isEmpty ? nil : whole
  }
}
