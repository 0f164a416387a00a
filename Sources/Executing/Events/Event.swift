import Declaring

/// What happens in a run, in order. One stream feeds the terminal, the JSON lines and whoever else asks.
///
/// As JSON each is one object on one line with `event` (the case's name), `time` (seconds since 1970, fractional) and:
///
/// | event | fields |
/// | --- | --- |
/// | `planned` | `run`, `pipeline`, `steps`, `cached` |
/// | `started` | `label`, `stage`, `version`, `key`, `attempt` (from 1) |
/// | `waiting` | `label`, `key`: another run computes it, or uses the `device` that it needs |
/// | `progress` | `label`, `done`, `unit`; where known `total`, `loss`, `note` |
/// | `metric` | `label`, `name`, `value` |
/// | `log` | `label`, `line` |
/// | `checkpointed` | `label`, `bytes`, `seconds` |
/// | `cached` | `label`, `key`, `digests` (by port) |
/// | `finished` | `label`, `key`, `digests`, `seconds`, `metrics` |
/// | `failed` | `label`, `code`, `message`, `remedy`, `blame`, `place`; `retry` in so many seconds, if it is tried again |
/// | `skipped` | `label`, `reason` |
/// | `delivered` | `label`, `destination`, `files` (those that were written) |
/// | `runFinished` | `run`, `outcome`, `ran`, `cached`, `failed`, `skipped`, `seconds` |
///
/// A name that a reader does not know is one of a later version: pass over it.
public enum Event: Sendable, Hashable {
  case planned(run: RunID, pipeline: String, steps: Int, cached: Int)
  case started(label: String, stage: StageIdentity, key: Key, attempt: Int)
  case waiting(label: String, key: Key, device: String? = nil)
  case progress(label: String, Progress)
  case metric(label: String, name: String, value: Double)
  case log(label: String, line: String)
  case checkpointed(label: String, bytes: Int, seconds: Double)
  case cached(label: String, key: Key, digests: [String: Digest])
  case finished(label: String, key: Key, digests: [String: Digest], seconds: Double, metrics: [String: Double])
  case failed(label: String, ErrorReport, retry: Double?)
  case skipped(label: String, reason: SkipReason)
  case delivered(label: String, destination: String, files: Int)
  case runFinished(run: RunID, outcome: RunOutcome, counts: RunCounts, seconds: Double)

  /// The step it is about; nil where it is about the whole run.
  public var label: String? {
    switch self {
    case .planned, .runFinished: nil
    case .started(let label, _, _, _), .waiting(let label, _, _), .progress(let label, _), .metric(let label, _, _),
      .log(let label, _), .checkpointed(let label, _, _), .cached(let label, _, _), .finished(let label, _, _, _, _),
      .failed(let label, _, _), .skipped(let label, _), .delivered(let label, _, _):
      label
    }
  }

  /// Whether a run may leave it out when its readers are slow.
  var isDroppable: Bool {
    switch self {
    case .progress, .metric, .log: true
    default: false
    }
  }
}

/// An event with its time.
public struct TimedEvent: Sendable, Hashable {
  /// Seconds since 1970.
  public var time: Double
  public var event: Event

  public init(time: Double, event: Event) {
    self.time = time
    self.event = event
  }
}

/// Why a step did not run.
public enum SkipReason: String, Sendable, Hashable, Codable {
  /// A step that it needs failed.
  case needsFailed = "needs-failed"
  /// Another step failed, and the run was not told to keep going.
  case runFailed = "run-failed"
  /// The run was interrupted.
  case interrupted
}

/// How many steps of a run ended in which way.
public struct RunCounts: Sendable, Hashable, Codable {
  public var ran = 0
  public var cached = 0
  public var failed = 0
  public var skipped = 0

  public init(ran: Int = 0, cached: Int = 0, failed: Int = 0, skipped: Int = 0) {
    self.ran = ran
    self.cached = cached
    self.failed = failed
    self.skipped = skipped
  }
}

/// An error as events and records carry it.
public struct ErrorReport: Sendable, Hashable, Codable {
  public var code: String
  public var message: String
  public var remedy: String
  public var blame: RetortError.Blame
  public var place: Place

  public init(_ error: RetortError) {
    code = error.code.rawValue
    message = error.message
    remedy = error.remedy
    blame = error.blame
    place = error.place
  }
}
