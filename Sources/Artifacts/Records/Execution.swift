/// A successful computation of a key. A key may have several, from unlike machines.
public struct Execution: Sendable, Hashable {
  public var id: Int64
  public var key: Key
  public var stage: StageIdentity
  /// The run that computed it.
  public var run: RunID
  /// Seconds since 1970.
  public var startedAt: Double
  public var seconds: Double
  public var profile: NumericsProfile
  /// The artifact of each port; the empty name for a single one.
  public var outputs: [String: ArtifactRecord]
  public var metrics: [String: Double]

  public init(
    id: Int64, key: Key, stage: StageIdentity, run: RunID, startedAt: Double, seconds: Double,
    profile: NumericsProfile, outputs: [String: ArtifactRecord], metrics: [String: Double]
  ) {
    self.id = id
    self.key = key
    self.stage = stage
    self.run = run
    self.startedAt = startedAt
    self.seconds = seconds
    self.profile = profile
    self.outputs = outputs
    self.metrics = metrics
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
