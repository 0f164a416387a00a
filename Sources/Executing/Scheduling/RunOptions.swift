import Declaring

/// How a run uses the machine and what it does about failures. Nothing here is part of a key.
public struct RunOptions: Sendable {
  /// Stages at once; nil for as many as there are threads.
  public var jobs: Int?
  /// Compute threads of the whole run.
  public var threads: Int
  /// In bytes, shared out to the steps that ask for memory; 0 does not count it.
  public var memory = 0
  /// The ids of the devices that steps may use, by name: each is used by one step at a time, also of other runs that share
  /// the store.
  public var devices: [String: [String]] = [:]
  /// Whether steps that do not need a failed one still run.
  public var keepsGoing = false
  public var retries = RetryPolicy()
  /// Seconds between two checkpoints of a stage; nil follows their cost.
  public var checkpointEvery: Double?
  /// The most seconds that one attempt may take; nil for any. Labels have their own in `timeouts`.
  public var timeout: Double?
  public var timeouts: [String: Double] = [:]
  /// How long a stage that was told to end at once may take before the run goes on without it, in seconds.
  public var grace = 3.0

  public init(jobs: Int? = nil, threads: Int) {
    self.jobs = jobs
    self.threads = threads
  }
}

/// How often and when a step is tried again whose failure may pass by itself.
public struct RetryPolicy: Sendable, Hashable {
  /// All tries of a step, the first included.
  public var attempts: Int
  /// Seconds before the second try; each later wait is twice as long.
  public var delay: Double
  /// The longest wait, in seconds.
  public var longest: Double

  public init(attempts: Int = 3, delay: Double = 1, longest: Double = 60) {
    self.attempts = attempts
    self.delay = delay
    self.longest = longest
  }

  /// Seconds to wait after so many failed tries; nil where it is enough.
  func wait(after failures: Int) -> Double? {
    guard failures < attempts else { return nil }
    return min(longest, delay * Double(1 << min(failures - 1, 20)))
  }
}
