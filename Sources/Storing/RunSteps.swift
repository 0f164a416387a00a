import Artifacts

/// The steps of a run, decoded as they are asked for: to find one label, ten thousand need not become strings.
public struct RunSteps: Sendable {
  public let run: RunID
  /// Runs with equal steps have equal digests.
  public let digest: Digest
  private let bytes: [UInt8]

  init(run: RunID, digest: Digest, bytes: [UInt8]) {
    (self.run, self.digest, self.bytes) = (run, digest, bytes)
  }

  public var all: [RunStep] { get throws { try StepsCoding.decode(bytes) } }

  /// The step with a label.
  public func step(labelled label: String) throws -> RunStep? {
    var found: RunStep?
    let wanted = Array(label.utf8)
    try StepsCoding.scan(bytes) { view, stages in
      guard view.label.count == wanted.count, view.label.elementsEqual(wanted) else { return true }
      found = try view.step(stages)
      return false
    }
    return found
  }

  /// Moves keys that the run had from `missing` to `names`, with their labels.
  public func name(_ missing: inout Set<Key>, into names: inout [Key: String]) throws {
    guard !missing.isEmpty else { return }
    try StepsCoding.scan(bytes) { view, _ in
      if let key = view.key, missing.remove(key) != nil { names[key] = String(decoding: view.label, as: UTF8.self) }
      return !missing.isEmpty
    }
  }

  /// All labels, in order.
  public var labels: [String] {
    get throws {
      var labels: [String] = []
      try StepsCoding.scan(bytes) { view, _ in
        labels.append(String(decoding: view.label, as: UTF8.self))
        return true
      }
      return labels
    }
  }
}

extension Cache {
  /// The number of the newest run; 0 before the first. No number before it is left out.
  public var newestRun: Int64 {
    get throws {
      try settle()
      return try index.access { try $0.state()?.runs ?? 0 }
    }
  }

  /// The steps of a run as it knew them last; nil where there is no such run, or its steps are among `known`.
  public func runSteps(of run: RunID, besides known: Set<Digest> = []) throws -> RunSteps? {
    try settle()
    return try index.access { session in
      guard let row = try session.run(run), !known.contains(row.steps) else { return nil }
      return RunSteps(run: run, digest: row.steps, bytes: try session.stepsBytes(of: row))
    }
  }
}
