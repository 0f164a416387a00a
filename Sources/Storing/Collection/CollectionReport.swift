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

  init(isDryRun: Bool) { self.isDryRun = isDryRun }
}
