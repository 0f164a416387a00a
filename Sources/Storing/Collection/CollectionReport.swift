import Artifacts

/// What a collection removed, or would remove.
public struct CollectionReport: Sendable, Hashable, Codable {
  public var isDryRun: Bool
  /// Executions that no kept run reaches.
  public var executions = 0
  /// Published artifacts that belong to them alone, and orphans of crashes.
  public var artifacts = 0
  /// Folders of attempts whose run is gone.
  public var staging = 0
  /// Snapshots that no kept run would resume from.
  public var checkpoints = 0
  /// Folders of logs of runs that are kept no longer.
  public var logs = 0
  /// The size of all files among these, in bytes.
  public var bytes = 0

  /// What computing the removed executions took, the dearest stage first: what recomputing them would cost.
  public var costs: [Cost] = []
  /// In seconds, of all of them together.
  public var seconds: Double { costs.reduce(0) { $0 + $1.seconds } }

  /// What the executions of one stage took.
  public struct Cost: Sendable, Hashable, Codable {
    public var stage: String
    public var executions = 0
    public var seconds = 0.0
    /// Of their outputs.
    public var bytes = 0

    mutating func add(_ execution: Execution) {
      executions += 1
      seconds += execution.details.seconds
      bytes += execution.outputs.values.reduce(0) { $0 + $1.bytes }
    }
  }

  init(isDryRun: Bool) { self.isDryRun = isDryRun }
}
