/// What is asked of a plan beside its pipeline.
public struct PlanOptions: Sendable, Hashable {
  /// Which steps are executed though their result is cached.
  public enum Force: Sendable, Hashable {
    case nothing
    case everything
    case labels([String])
  }

  /// The name under which earlier runs are found, to say what changed since.
  public var pipeline: String
  public var force = Force.nothing
  /// Labels of the stages to run alone: their inputs must be cached. Empty for all.
  public var only: [String] = []
  /// Labels of the stages to run with their ancestors. Empty for all.
  public var until: [String] = []
  /// Labels of the stages to run with their descendants: other inputs must be cached. Empty for all.
  public var from: [String] = []
  /// What to do about cached results that other code computed.
  public var codeChanges = CodeChanges.warn
  /// The seed of stages that have none of their own.
  public var defaultSeed: UInt64 = 0
  /// This machine: its numerics choose among several executions of a key; it is part of the key of measured stages.
  public var machine = MachineProfile.unknown
  /// What the machine has; nil where requests for resources are not checked.
  public var capacity: Capacity?

  public init(pipeline: String = "pipeline") { self.pipeline = pipeline }

  /// What steps may occupy in all.
  public struct Capacity: Sendable, Hashable {
    public var cores: Int
    /// In bytes; nil where it is not known.
    public var memory: Int?
    /// How many devices there are of each name; nil where requests for them are not checked.
    public var devices: [String: Int]?

    public init(cores: Int, memory: Int? = nil, devices: [String: Int]? = [:]) {
      self.cores = cores
      self.memory = memory
      self.devices = devices
    }
  }
}
