import Declaring
import Supervising

/// One execution of a command.
struct CommandRun<Output: StageOutput> {
  let command: Command<Output>
  let context: StageContext
  /// The working folder: empty, and gone afterwards. What the program leaves in it is not seen.
  private let folder: FilePath
  private let scratch: FilePath
  private let outputs: CommandOutputs<Output>

  init(_ command: Command<Output>, _ context: StageContext) throws {
    (self.command, self.context) = (command, context)
    // The program is in a folder of its own, where relative paths would mean something else.
    folder = try context.folder("work").absolute
    scratch = try context.folder("tmp").absolute
    outputs = try CommandOutputs(context)
  }

  /// Runs the program and returns what it wrote.
  ///
  /// - Throws: `command.failed`, `command.timeout`, `command.output-missing`, `source.changed`, `command.probe-changed`,
  ///   what the result's own reader throws, `CancellationError` where it was asked to end.
  func perform() throws -> Output {
    guard let program = command.program.file else {
      throw CommandProgram.fault(command.program.name, in: environment["PATH"] ?? "")
    }
    try context.check(program)
    try checkTracked()
    try checkProbes()
    var places = CommandPlaces(context, outputs.paths)
    let arguments = try command.arguments.map { try places.text(of: $0) }
    context.log("$ " + ([command.program.name] + arguments).map(Self.quoted).joined(separator: " "))
    let before = try places.inputs.map { try FolderStamp($0) }
    try execute(program.path, arguments)
    try checkTracked()
    for (stamp, input) in zip(before, places.inputs) where try FolderStamp(input) != stamp {
      throw RetortError(
        "command.input-changed", "The program changed one of its inputs, which belongs to the cache.",
        remedy: "Let it write to its output only; “retort verify” finds what was damaged.",
        at: Place(file: input.string), blame: .stage)
    }
    return try outputs.collect()
  }

  private var environment: [String: String] {
    CommandSurroundings.environment(
      declared: command.environment, secrets: command.secrets, scratch: scratch, process: CommandSurroundings.process)
  }

  /// Not for probes: their answers do not depend on which device is free.
  private var deviceVariables: [String: String] {
    var variables = Device.variables(context.devices)
    for device in command.limits.devices {
      if let name = device.variable { variables[name] = context.devices[device.name]?.joined(separator: ",") }
    }
    return variables
  }

  private func execute(_ program: FilePath, _ arguments: [String]) throws {
    let child = try Child(
      ChildProgram(
        program, arguments: arguments, environment: environment.merging(deviceVariables) { $1 }, folder: folder),
      grace: command.limits.grace)
    var log = CommandLog(context)
    var isLate = false
    let start = ContinuousClock.now
    let memory = command.limits.memory
    let result = try child.wait(memory: memory > 0 ? memory : nil) {
      if let limit = command.limits.timeout, start.duration(to: .now) >= .seconds(limit) { isLate = true }
      return isLate || context.isStopRequested || (try? context.checkCancellation()) == nil
    } line: {
      log.add($1, from: $0)
    }
    log.finish()
    if var error = result.memoryFailure(of: "“\(command.program.name)”", limit: memory, asking: "`memory:`") {
      error.message += log.quotedLastWords
      throw error
    }
    if result.wasStopped {
      guard isLate else { throw CancellationError() }
      throw failure("command.timeout", "was ended after \(Int(result.seconds.rounded())) s, its timeout", log)
    }
    guard result.ending.isSuccess else { throw failure("command.failed", result.words, log, result.ending) }
  }

  private func failure(
    _ code: RetortError.Code, _ sentence: String, _ log: CommandLog, _ ending: ChildEnding? = nil
  ) -> RetortError {
    RetortError(
      code, "“\(command.program.name)” \(sentence).\(log.quotedLastWords)", remedy: Self.remedy(for: ending),
      blame: .stage,
      isTransient: ending == .exited(Self.temporaryFailure))
  }

  /// With this code a program says that it may succeed later (`EX_TEMPFAIL` of sysexits.h).
  private static var temporaryFailure: Int32 { 75 }

  private static func remedy(for ending: ChildEnding?) -> String {
    switch ending {
    case nil: "Allow more time with `timeout:`, or let it do less."
    case .killed(let signal) where SignalName.of(signal) == "SIGKILL":
      "If the machine ran out of memory, let it use less, or give `memory:` so that less runs beside it."
    case .exited(126), .exited(127): "A program that it calls was not found, or may not be executed: see its log."
    default: "Its log begins with the command. To try it by hand, give it folders of yours: the attempt's own are gone."
    }
  }

  private func checkTracked() throws { for file in command.tracked { try context.check(file) } }

  private func checkProbes() throws {
    for probe in command.probes {
      let again = probe.asked(again: environment, in: folder)
      guard again.answer != probe.answer || again.answer == nil else { continue }
      throw RetortError(
        "command.probe-changed",
        "“\(probe.command.joined(separator: " "))” answers “\(again.answer ?? again.fault ?? "")” now; it was planned with “\(probe.answer ?? "")”.",
        remedy: "Run again.", at: Place(field: "probes"), blame: .environment)
    }
  }

  /// As a shell would be told it.
  private static func quoted(_ argument: String) -> String {
    let isPlain =
      !argument.isEmpty
      && argument.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "-_./=:,+@%".utf8.contains(byte)
        }
      }
    return isPlain ? argument : "'" + argument.replacing("'", with: "'\\''") + "'"
  }
}

/// Puts paths and numbers in the place of the parts of arguments. Each input and file is made ready once.
struct CommandPlaces {
  private let context: StageContext
  private let outputs: [String: FilePath]
  private var known: [CommandArgument.Part: String] = [:]
  /// The folders that belong to the cache.
  private(set) var inputs: [FilePath] = []

  init(_ context: StageContext, _ outputs: [String: FilePath]) { (self.context, self.outputs) = (context, outputs) }

  mutating func text(of argument: CommandArgument) throws -> String {
    var text = ""
    for part in argument.parts { text += try self.text(of: part) }
    return text
  }

  private mutating func text(of part: CommandArgument.Part) throws -> String {
    if case .text(let text) = part { return text }
    if let text = known[part] { return text }
    let text = try made(part)
    known[part] = text
    return text
  }

  private mutating func made(_ part: CommandArgument.Part) throws -> String {
    switch part {
    case .text(let text): return text
    case .threads: return "\(context.threads)"
    case .seed(let seed): return "\(context.seed(seed))"
    case .file(let file): return try context.load(file).absolute.string
    case .folder(let folder): return try context.load(folder).absolute.string
    case .output(let port): return outputs[port]?.absolute.string ?? ""
    case .input(let input):
      switch try input.load(context) {
      case .folder(let folder):
        inputs.append(folder)
        return folder.absolute.string
      case .value(let bytes):
        let file = try context.folder("inputs").appending("\(known.count).json")
        try Files.replace(file, with: bytes, isDurable: false)
        return file.absolute.string
      }
    }
  }
}

/// What a look at a folder tells of its files: after a program has used them, they must look the same.
struct FolderStamp: Equatable {
  private var files: [String: [Int64]] = [:]

  init(_ folder: FilePath) throws {
    func scan(_ path: FilePath) throws {
      for name in try Files.names(in: path) {
        let child = path.appending(name)
        guard let status = try Files.status(of: child, followsLinks: false) else { continue }
        if status.kind == .folder { try scan(child) }
        files[child.string] = [Int64(status.bytes), status.kind == .folder ? 0 : status.modified]
      }
    }
    try scan(folder)
  }
}
