/// A successful computation of a key. A key may have several, from unlike machines.
///
/// Planning and running hand executions on many times, so a copy is one reference.
public struct Execution: Sendable, Hashable {
  private let content: Content

  private final class Content: Sendable {
    let id: Int64
    let key: Key
    let stage: StageIdentity
    let run: RunID
    let details: ExecutionDetails
    let ports: [(name: String, record: ArtifactRecord)]

    init(
      _ id: Int64, _ key: Key, _ stage: StageIdentity, _ run: RunID, _ details: ExecutionDetails,
      _ ports: [(name: String, record: ArtifactRecord)]
    ) {
      (self.id, self.key, self.stage, self.run, self.details, self.ports) = (id, key, stage, run, details, ports)
    }
  }

  public var id: Int64 { content.id }
  public var key: Key { content.key }
  public var stage: StageIdentity { content.stage }
  /// The run that computed it.
  public var run: RunID { content.run }
  public var details: ExecutionDetails { content.details }

  /// The artifact of each port; the empty name for a single one.
  public var outputs: [String: ArtifactRecord] {
    Dictionary(content.ports.map { ($0.name, $0.record) }) { _, last in last }
  }

  public init(
    id: Int64, key: Key, stage: StageIdentity, run: RunID, details: ExecutionDetails, outputs: [String: ArtifactRecord]
  ) {
    self.init(
      id: id, key: key, stage: stage, run: run, details: details,
      ports: outputs.map { ($0.key, $0.value) }.sorted { $0.name < $1.name })
  }

  /// - Parameter ports: each name once.
  package init(
    id: Int64, key: Key, stage: StageIdentity, run: RunID, details: ExecutionDetails,
    ports: [(name: String, record: ArtifactRecord)]
  ) {
    content = Content(id, key, stage, run, details, ports)
  }

  /// The artifact of one port.
  public func output(_ port: String) -> ArtifactRecord? { content.ports.first { $0.name == port }?.record }

  /// The digest that an edge to `port` carries. The whole of a bundle is the digest over its parts by name.
  public func digest(port: String) -> Digest? {
    for known in content.ports where known.name == port { return known.record.digest }
    guard port.isEmpty else { return nil }
    var hasher = ContentHasher()
    hasher.update(Array("retort bundle\u{0}".utf8))
    for (name, record) in content.ports.sorted(by: { $0.name < $1.name }) {
      hasher.update(Digest(of: Array(name.utf8)).bytes)
      hasher.update(record.digest.bytes)
    }
    return Key(hasher.finish()).digest
  }

  public var facts: Facts {
    if let single = output("") { return single.facts }
    var facts = Facts()
    facts.ports = outputs.mapValues(\.facts)
    return facts
  }

  /// Whether anything is known of its outputs beside their digests.
  package var hasFacts: Bool { content.ports.contains { $0.record.facts != .unknown } }

  public static func == (left: Execution, right: Execution) -> Bool {
    if left.content === right.content { return true }
    return left.id == right.id && left.key == right.key && left.stage == right.stage && left.run == right.run
      && left.details == right.details && left.outputs == right.outputs
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(id)
    hasher.combine(key)
  }
}

/// How a key was computed: recorded with the execution, never part of a key.
public struct ExecutionDetails: Sendable, Hashable, Codable {
  /// Seconds since 1970.
  public var startedAt: Double
  /// What the stage itself took; its sub-stages have their own.
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
