import Artifacts
import FoundationEssentials

/// A result that was taken back: its recipe was carried out again on the same numerics and gave other bytes.
public struct Withdrawal: Sendable, Hashable, Codable {
  public var key: Key
  public var stage: StageIdentity
  public var label: String
  /// The run that had computed it.
  public var run: RunID
  /// By port: what was recorded, and what the recipe gave again.
  public var recorded: [String: Digest]
  public var computed: [String: Digest]
  /// Seconds since 1970.
  public var at: Double

  public init(of execution: Execution, label: String, computed: [String: Digest], at: Double) {
    (key, stage, run) = (execution.key, execution.stage, execution.run)
    recorded = execution.outputs.mapValues(\.digest)
    (self.label, self.computed, self.at) = (label, computed, at)
  }
}

extension Cache {
  /// Forgets an execution, so that it is never a hit again, and keeps a note of it beside what was set aside.
  public func withdraw(_ execution: Execution, _ note: Withdrawal) throws {
    let gate = try Gate.close(locks)
    defer { withExtendedLifetime(gate) {} }
    try Files.makeFolder(layout.quarantine)
    // The note comes first: a crash in between leaves a result that the next audit takes back.
    try Files.replace(layout.withdrawal(of: execution), with: Array(try JSONEncoder.records.encode(note)))
    _ = try append(isDurable: true) { _, _ in
      [.forgotten([ExecutionName(key: execution.key, id: execution.id)], contents: [])]
    }
    try flush()
  }

  /// What was taken back, the oldest first.
  public func withdrawals() throws -> [Withdrawal] {
    try Files.namesIfThere(in: layout.quarantine).filter { $0.hasSuffix(CacheLayout.withdrawalEnding) }.compactMap {
      name in
      // A note that cannot be read takes nothing from the cache.
      try? JSONDecoder().decode(Withdrawal.self, from: Data(Files.read(layout.quarantine.appending(name))))
    }.sorted { ($0.at, $0.key) < ($1.at, $1.key) }
  }
}

extension CacheLayout {
  static let withdrawalEnding = ".withdrawn.json"

  func withdrawal(of execution: Execution) -> FilePath {
    quarantine.appending("\(execution.key.digest.short)-\(execution.id)\(Self.withdrawalEnding)")
  }
}
