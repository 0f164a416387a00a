/// A step of a pipeline: edges and options as stored properties, and what to do with them.
///
/// It is `Codable` so that a worker in another process, or a later audit, can make it again.
/// The properties are encoded twice: to find the edges (every `Ref` in them is one), and to make the key. So a stage is
/// a struct of `Ref`s and plain options; labels, thread counts and progress settings do not belong in it.
public protocol Stage: Codable, Sendable {
  associatedtype Output: StageOutput

  /// A stable, unique name such as `distill.task`.
  static var id: String { get }
  /// Raise when `run` would write other bytes for the same inputs.
  static var version: Int { get }
  /// The stages that `run` may execute through `context.run`, whatever the options.
  static var uses: [any Stage.Type] { get }
  /// Those of `Self.uses` that `run` may execute with the options that it has; all of them by default.
  ///
  /// The key holds these alone, and the stage is measured only where one of them is.
  var uses: [any Stage.Type] { get }
  /// Whether the same key gives the same bytes. A stage that uses a measured one is measured too.
  static var determinism: Determinism { get }
  /// What its source files were when the program was built: the plugin `CodeFingerprints` writes this. Nil where a target
  /// is built without it.
  static var codeFingerprint: CodeFingerprint? { get }

  /// What the stage needs while it runs.
  var resources: Resources { get }

  /// What `plan --verbose` says of how the stage computes, a sentence each, such as `int8 weights: max|w| / 127 an output
  /// row, half to even`. For people: no part of the key.
  var conventions: [String] { get }

  /// Checks options and the facts of the inputs, and says what is known of the output. Runs nothing and reads no data.
  func forecast(_ forecast: inout Forecast) -> Facts

  /// Computes the output. Called on a thread of Retort's own; may block.
  func run(_ context: StageContext) async throws -> Output
}

extension Stage {
  public static var uses: [any Stage.Type] { [] }
  public static var determinism: Determinism { .bitwise }
  public static var codeFingerprint: CodeFingerprint? { nil }
  public static var identity: StageIdentity { StageIdentity(id: id, version: version) }
  public var uses: [any Stage.Type] { Self.uses }
  public var resources: Resources { Resources() }
  public var conventions: [String] { [] }
  public func forecast(_ forecast: inout Forecast) -> Facts { .unknown }
}

/// Whether a stage's output is a function of its key.
public enum Determinism: String, Sendable, Codable {
  /// The same key gives the same bytes on one numerics profile.
  case bitwise
  /// The output is an observation, such as a benchmark's: promises about digests exclude it and what consumes it.
  case measured
}

/// What a step occupies while it runs.
///
/// Not `Codable` on purpose: as a stored property of a stage it would enter the key.
public struct Resources: Hashable, Sendable {
  public var cores: Int
  /// In bytes; 0 where it does not matter. A stage in a process of its own that uses more fails.
  public var memory: Int
  /// How many devices of each name, such as `["gpu": 1]`. They are the stage's alone while it runs; `context.devices` says
  /// which they are.
  public var devices: [String: Int]
  /// True where nothing else may run beside it, as for a benchmark.
  public var isExclusive: Bool

  public init(cores: Int = 1, memory: Int = 0, devices: [String: Int] = [:], isExclusive: Bool = false) {
    self.cores = cores
    self.memory = memory
    self.devices = devices
    self.isExclusive = isExclusive
  }
}
