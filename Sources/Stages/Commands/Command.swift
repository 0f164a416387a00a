import Declaring

/// Runs any program, such as a Python script, as a step with a typed result.
///
/// ```swift
/// let clean = stage("clean", Command<Corpus>(
///   "python3", .script("clean.py"), .input(raw), .output,
///   probes: [["python3", "--version"]], timeout: .seconds(600)))
/// let model = stage("student", FineTune(base, on: …))          // goes on with Retort's own stages
/// ```
/// The key holds the arguments as written, the content of the program and of every file and input among them, the values
/// of the variables that are passed or set, and what the probes answer. All this is looked up where the command is
/// declared, and what is wrong is a fault of the plan. docs/commands-as-stages.md has the whole.
///
/// The result is read as its kind before it is stored: a folder that is no model, say, is a failure of this stage. For
/// several results, let `Output` be a bundle and name its ports: `.output("train")`.
public struct Command<Output: StageOutput>: Stage {
  public static var id: String { "command" }
  public static var version: Int { 1 }
  public static var uses: [any Stage.Type] { [MeasuredCommand.self] }

  var program: CommandProgram
  var arguments: [CommandArgument]
  /// Values by name; nil for a variable that is passed and not set here.
  var environment: [String: String?]
  /// Names of variables whose values nobody may keep.
  var secrets: [String]
  /// Files that the program reads where they lie.
  var tracked: [SourceFile]
  var probes: [CommandProbe]
  /// Whether the result is an observation, such as a time.
  var isMeasured: Bool
  var limits: CommandLimits

  /// - Parameters:
  ///   - program: a name to look up in `PATH`, or a path.
  ///   - arguments: what follows it, one by one.
  ///   - passing: names of variables that the program sees as they are here. Beside them and `setting` it sees `PATH`,
  ///     `HOME`, `TMPDIR` and `LANG` only.
  ///   - setting: variables with values of their own.
  ///   - secrets: names of variables that the program sees, whose values are no part of the key and never recorded.
  ///   - tracking: files that the program reads by itself, whose contents count.
  ///   - probes: commands whose answers count, such as `["python3", "--version"]`.
  ///   - isMeasured: whether the result is an observation of this machine; then promises about equal bytes exclude it.
  ///   - timeout: how long it may take; then it is asked to end, and killed 2 s later.
  ///   - cores: of those that the run has, how many it keeps busy.
  ///   - memory: how many bytes it needs, with all that it starts; if it holds more it is ended. 0 where that does not
  ///     matter.
  ///   - devices: the devices that it needs; it finds their ids in its environment.
  public init(
    _ program: String, _ arguments: CommandArgument..., passing: [String] = [], setting: [String: String] = [:],
    secrets: [String] = [], tracking: [SourceFile] = [], probes: [[String]] = [], isMeasured: Bool = false,
    timeout: Duration? = nil, cores: Int = 1, memory: Int = 0, devices: [CommandDevice] = []
  ) {
    self.init(
      program, arguments: arguments, passing: passing, setting: setting, secrets: secrets, tracking: tracking,
      probes: probes, isMeasured: isMeasured, timeout: timeout, cores: cores, memory: memory, devices: devices)
  }

  /// The same with a list of arguments, for those that are put together.
  public init(
    _ program: String, arguments: [CommandArgument], passing: [String] = [], setting: [String: String] = [:],
    secrets: [String] = [], tracking: [SourceFile] = [], probes: [[String]] = [], isMeasured: Bool = false,
    timeout: Duration? = nil, cores: Int = 1, memory: Int = 0, devices: [CommandDevice] = []
  ) {
    self.init(
      program, arguments: arguments, passing: passing, setting: setting, secrets: secrets, tracking: tracking,
      probes: probes, isMeasured: isMeasured,
      limits: CommandLimits(
        timeout: timeout.map { $0 / .seconds(1) }, cores: cores, memory: memory, devices: devices),
      process: CommandSurroundings.process)
  }

  /// - Parameter process: the environment of this process.
  init(
    _ program: String, arguments: [CommandArgument], passing: [String] = [], setting: [String: String] = [:],
    secrets: [String] = [], tracking: [SourceFile] = [], probes: [[String]] = [], isMeasured: Bool = false,
    limits: CommandLimits = CommandLimits(), process: [String: String]
  ) {
    var environment: [String: String?] = [:]
    for name in passing { environment.updateValue(process[name], forKey: name) }
    for (name, value) in setting { environment.updateValue(value, forKey: name) }
    let seen = CommandSurroundings.environment(
      declared: environment, secrets: secrets, scratch: "/tmp", process: process)
    self.program = CommandProgram(program, path: seen["PATH"] ?? "")
    self.arguments = arguments
    self.environment = environment
    self.secrets = secrets.sorted()
    tracked = tracking
    self.probes = probes.map { CommandProbe($0, environment: seen) }
    self.isMeasured = isMeasured
    self.limits = limits
  }

  /// A command that observes its machine counts as a stage that does.
  public var uses: [any Stage.Type] { isMeasured ? [MeasuredCommand.self] : [] }

  public var resources: Resources {
    let devices = Dictionary(limits.devices.map { ($0.name, $0.count) }) { $0 + $1 }
    return Resources(cores: limits.cores, memory: limits.memory, devices: devices)
  }

  public func run(_ context: StageContext) async throws -> Output { try CommandRun(self, context).perform() }
}

/// Stands in a measured command's `uses`, so that its key holds the machine. It never runs.
struct MeasuredCommand: Stage {
  static let id = "command.measured"
  static let version = 1
  static let determinism = Determinism.measured

  func run(_ context: StageContext) async throws -> Corpus {
    throw RetortError("command.measured", "This stage is a mark and does not run.", blame: .internal)
  }
}
