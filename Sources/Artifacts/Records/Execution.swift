/// A successful computation of a key. A key may have several, from unlike machines.
public struct Execution: Sendable, Hashable {
  public var id: Int64
  public var key: Key
  public var stage: StageIdentity
  /// The run that computed it.
  public var run: RunID
  public var details: ExecutionDetails
  /// The artifact of each port; the empty name for a single one.
  public var outputs: [String: ArtifactRecord]

  public init(
    id: Int64, key: Key, stage: StageIdentity, run: RunID, details: ExecutionDetails, outputs: [String: ArtifactRecord]
  ) {
    self.id = id
    self.key = key
    self.stage = stage
    self.run = run
    self.details = details
    self.outputs = outputs
  }

  /// The digest that an edge to `port` carries. The whole of a bundle is the digest over its parts by name.
  public func digest(port: String) -> Digest? {
    if let output = outputs[port] { return output.digest }
    guard port.isEmpty else { return nil }
    var hasher = ContentHasher()
    hasher.update(Array("retort bundle\u{0}".utf8))
    for (name, output) in outputs.sorted(by: { $0.key < $1.key }) {
      hasher.update(Digest(of: Array(name.utf8)).bytes)
      hasher.update(output.digest.bytes)
    }
    return Key(hasher.finish()).digest
  }

  public var facts: Facts {
    if let single = outputs[""] { return single.facts }
    var facts = Facts()
    facts.ports = outputs.mapValues(\.facts)
    return facts
  }
}

/// How a key was computed: recorded with the execution, never part of a key.
public struct ExecutionDetails: Sendable, Hashable, Codable {
  /// Seconds since 1970.
  public var startedAt: Double
  public var seconds: Double
  /// The profile of the process that computed, which need not be the coordinator.
  public var profile: NumericsProfile
  public var threads = 0
  /// In bytes; 0 where it was not measured.
  public var peakMemory = 0
  public var metrics: [String: Double] = [:]
  /// The executions whose outputs flowed in.
  public var inputs: [Input] = []
  /// The executions of sub-stages that it took results from.
  public var children: [Int64] = []
  /// The fingerprint of the stage's code, where one is known.
  public var codeFingerprint: String?

  /// Where an input came from: one digest may be the output of several executions.
  public struct Input: Sendable, Hashable, Codable {
    public var digest: Digest
    public var execution: Int64

    public init(digest: Digest, execution: Int64) {
      self.digest = digest
      self.execution = execution
    }
  }

  public init(startedAt: Double, seconds: Double, profile: NumericsProfile) {
    self.startedAt = startedAt
    self.seconds = seconds
    self.profile = profile
  }
}

/// A failed attempt. It never satisfies a key.
public struct Failure: Sendable, Hashable, Codable {
  public var key: Key
  public var stage: StageIdentity
  public var label: String
  public var run: RunID
  public var at: Double
  public var code: String
  public var message: String
  /// The path of the attempt's log, relative to the cache.
  public var log: String

  public init(
    key: Key, stage: StageIdentity, label: String, run: RunID, at: Double, code: String, message: String, log: String
  ) {
    self.key = key
    self.stage = stage
    self.label = label
    self.run = run
    self.at = at
    self.code = code
    self.message = message
    self.log = log
  }
}
