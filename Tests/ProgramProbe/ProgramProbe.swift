import Foundation
import Retort

/// A program that the tests of the command line call: trivial stages, no numbers.
@main
struct ProgramProbe: PipelineProgram {
  static let abstract = "Joins words, for tests."

  @Option(help: "The word to begin with.") var word = "a"
  @Option(help: "How often it is repeated, a branch each.") var repeats = [2, 3]
  @Option(help: "The branch that fails.") var failing: Int?
  @Option(help: "The branch whose process ends.") var crashing: Int?
  @Option(help: "How it ends: trap or kill.") var crash = "trap"
  @Option(help: "Seconds that the last stage takes.") var seconds = 0.0
  @Option(help: "A file whose text is added.") var file: String?
  @Option(help: "A script for another program, whose first argument is the file to write.") var script: String?
  @Option(help: "The program that runs the script.") var shell = "sh"
  @Option(help: "A device that a stage of its own uses.") var uses: String?
  @Option(help: "MB that it takes, and MB that it asks for.") var takes: [Int] = []
  @Option(help: "How often it fails in a way that may pass.") var passing = 0

  var body: Pipeline {
    let first = stage("word", Word(text: word))
    let branches = repeats.map { count in
      stage(
        "times-\(count)",
        Repeat(text: first, count: count, fails: count == failing, crash: count == crashing ? crash : nil))
    }
    let last = stage("joined", Join(parts: branches, file: file.map { SourceFile($0) }, seconds: seconds))
    last
    if uses != nil || !takes.isEmpty || passing > 0 {
      stage(
        "user", User(text: first, device: uses, takes: takes.first ?? 0, asks: takes.last ?? 0, failures: passing))
    }
    if let script {
      stage(
        "command",
        Command<Text>(
          shell, "-c", CommandArgument(script), "sh", .output, .input(first), passing: ["PROBE_MODE"],
          probes: [["echo", "probe"]]))
    }
  }
}

struct Text: ValueArtifact {
  static let kind = "probe.text"
  var text: String
}

struct Word: Stage {
  static let id = "probe.word"
  static let version = 1
  var text: String

  func forecast(_ forecast: inout Forecast) -> Facts {
    forecast.require(!text.isEmpty, "text", "An empty word joins nothing.", remedy: "Give --word a letter.")
    return .unknown
  }

  func run(_ context: StageContext) async throws -> Text { Text(text: text) }
}

struct Repeat: Stage {
  static let id = "probe.repeat"
  static let version = 1
  var text: Ref<Text>
  var count: Int
  var fails: Bool
  var crash: String?

  func forecast(_ forecast: inout Forecast) -> Facts {
    forecast.require(count > 0, "count", "\(count) repetitions give nothing.", remedy: "Take at least 1.")
    return .unknown
  }

  func run(_ context: StageContext) async throws -> Text {
    context.log("repeating \(count) times")
    if crash == "kill" { kill(getpid(), SIGKILL) }
    // What a bug in a stage would do.
    if crash == "trap" { abort() }
    guard !fails else {
      throw RetortError(
        "probe.failed", "The branch \(count) was told to fail.", remedy: "Leave --failing out.", blame: .stage)
    }
    // What no key covers, for tests of audits.
    let environment = ProcessInfo.processInfo.environment
    let noise = environment["PROBE_NOISE"] ?? ""
    if environment["PROBE_FAIL"] == "\(count)" {
      throw RetortError("probe.failed", "The branch \(count) fails this time.", blame: .stage)
    }
    return Text(text: String(repeating: try context.load(text).text, count: count) + noise)
  }
}

/// Uses a device and memory, or fails so many times: it counts in a file.
struct User: Stage {
  static let id = "probe.user"
  static let version = 1
  var text: Ref<Text>
  var device: String?
  var takes: Int
  var asks: Int
  var failures: Int

  var resources: Resources {
    Resources(memory: asks * 1_000_000, devices: device.map { [$0: 1] } ?? [:])
  }

  func run(_ context: StageContext) async throws -> Text {
    let environment = ProcessInfo.processInfo.environment
    if let device {
      context.log("uses \(context.devices[device] ?? []), told \(environment[Device.variable(device)] ?? "nothing")")
    }
    if takes > 0 {
      context.log("takes \(takes) MB")
      var held = [[UInt8]]()
      for _ in 0..<takes { held.append([UInt8](repeating: 1, count: 1_000_000)) }
      for _ in 0..<3000 where held.count == takes {
        try context.checkCancellation()
        usleep(10_000)
      }
    }
    let count = (try? String(contentsOfFile: "failures", encoding: .utf8)).map(\.count) ?? 0
    guard count >= failures else {
      try String(repeating: "x", count: count + 1).write(toFile: "failures", atomically: true, encoding: .utf8)
      throw RetortError("probe.passing", "It did not work this time.", blame: .environment, isTransient: true)
    }
    return try context.load(text)
  }
}

struct Join: Stage {
  static let id = "probe.join"
  static let version = 1
  var parts: [Ref<Text>]
  var file: SourceFile?
  var seconds: Double

  func run(_ context: StageContext) async throws -> Text {
    let steps = Int(seconds * 100)
    for step in 0..<steps {
      try context.checkCancellation()
      try context.checkpoint { Snapshot(["step": [UInt8(truncatingIfNeeded: step)]]) }
      context.report(Progress(Double(step), of: Double(steps), unit: "steps", loss: 1 / Double(step + 1)))
      usleep(10_000)
    }
    var words = try parts.map { try context.load($0).text }
    if let file { words.append(try String(contentsOfFile: try context.load(file).string, encoding: .utf8)) }
    context.record("length", Double(words.joined().count))
    return Text(text: words.joined(separator: " "))
  }
}
