/// The name of a run: a number that grows with time in one cache.
public struct RunID: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
  public let value: Int64

  public init(_ value: Int64) { self.value = value }
  public init(from decoder: any Decoder) throws { value = try decoder.singleValueContainer().decode(Int64.self) }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(value)
  }

  public static func < (left: RunID, right: RunID) -> Bool { left.value < right.value }
  public var description: String { String(value) }
}

/// How a run ended.
public enum RunOutcome: String, Sendable, Codable {
  case running, succeeded, failed, interrupted
  /// It stopped without saying so: killed, or the machine went down.
  case lost
}

/// What was asked for when a run began.
public struct RunRequest: Sendable, Hashable, Codable {
  public var pipeline: String
  /// The command line after the program's name.
  public var arguments: [String]
  /// Option values of the pipeline, as text, by name.
  public var options: [String: String]
  public var startedAt: Double
  public var profile: NumericsProfile

  public init(
    pipeline: String, arguments: [String], options: [String: String], startedAt: Double, profile: NumericsProfile
  ) {
    self.pipeline = pipeline
    self.arguments = arguments
    self.options = options
    self.startedAt = startedAt
    self.profile = profile
  }
}

/// What became of a step.
public enum StepOutcome: String, Sendable, Codable {
  case pending, ran, cached, failed, skipped
}

/// A step of a run: labels are joined to keys here, and nowhere else.
public struct RunStep: Sendable, Hashable, Codable {
  public var label: String
  public var stage: StageIdentity
  /// Nil where the step was not reached, so that its inputs were never known.
  public var key: Key?
  public var outcome: StepOutcome
  /// The execution that the run used: its own or an earlier one.
  public var execution: Int64?
  /// The label of the stage that ran this one inside itself.
  public var parent: String?

  public init(
    label: String, stage: StageIdentity, key: Key?, outcome: StepOutcome = .pending, execution: Int64? = nil,
    parent: String? = nil
  ) {
    self.label = label
    self.stage = stage
    self.key = key
    self.outcome = outcome
    self.execution = execution
    self.parent = parent
  }
}

/// A run as the index keeps it.
public struct RunRecord: Sendable, Hashable, Codable {
  public var id: RunID
  public var request: RunRequest
  public var outcome: RunOutcome
  public var finishedAt: Double?
  public var ran: Int
  public var cached: Int
  public var failed: Int

  public init(
    id: RunID, request: RunRequest, outcome: RunOutcome, finishedAt: Double?, ran: Int, cached: Int, failed: Int
  ) {
    self.id = id
    self.request = request
    self.outcome = outcome
    self.finishedAt = finishedAt
    self.ran = ran
    self.cached = cached
    self.failed = failed
  }
}
