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

  /// Where files of the user's with the given contents were seen last, as far as the index remembers: a path each.
  public func sourcePaths(of digests: Set<Digest>) throws -> [Digest: FilePath] {
    guard !digests.isEmpty else { return [:] }
    try settle()
    return try index.access { session in
      let row = try session.statement("SELECT path, digest FROM source ORDER BY path")
      defer { row.reset() }
      var found: [Digest: FilePath] = [:]
      while try row.step() {
        let digest = try row.digest(1)
        if digests.contains(digest), found[digest] == nil { found[digest] = FilePath(try row.text(0)) }
      }
      return found
    }
  }

  /// The folders in which files of the user's lay that the index remembers.
  public var sourceFolders: [FilePath] {
    get throws {
      try settle()
      return try index.access { session in
        let row = try session.statement("SELECT path FROM source ORDER BY path")
        defer { row.reset() }
        var folders: [FilePath] = []
        while try row.step() {
          let folder = FilePath(try row.text(0)).removingLastComponent()
          if folders.last != folder { folders.append(folder) }
        }
        return folders
      }
    }
  }

  /// Whether all outputs of an execution are there with the right sizes.
  public func hasContents(of execution: Execution) throws -> Bool {
    try execution.outputs.values.allSatisfy { output in
      guard let content = try storedContent(output.digest) else { return false }
      return try content.form == .inline || ObjectCheck.hasRightSize(layout.object(output.digest), content)
    }
  }

  /// Whether a path lies among the published objects, which nobody may move.
  public func publishes(_ path: FilePath) -> Bool { layout.digest(ofObject: path) != nil }
}
