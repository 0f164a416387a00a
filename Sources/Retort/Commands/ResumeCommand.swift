import ArgumentParser
import Storing

/// Goes on with the last run of this pipeline that did not finish.
struct ResumeCommand<Program: PipelineProgram>: PipelineCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "resume", abstract: "Go on with the last unfinished run, as it was started.",
      usage: "\(Invocation.programName) resume [<options>]",
      discussion: """
        Takes the command line of the last run that failed, was interrupted or was killed, and runs it again: finished \
        stages come from the cache, training goes on from its last checkpoint. The options below are added to it.

        EXAMPLES
          \(Invocation.programName) resume
          \(Invocation.programName) resume --jobs 1
        """)
  }

  @OptionGroup var cache: CacheOptions
  @Option(help: ArgumentHelp("Stages at once, instead of what the run had.", valueName: "n")) var jobs: Int?
  @Option(help: ArgumentHelp("Threads to compute with, instead of what the run had.", valueName: "n")) var threads: Int?
  @Option(help: ArgumentHelp("Devices that stages may ask for, instead of what the run had.", valueName: "device"))
  var device: [String] = []
  @Option(help: ArgumentHelp("How long an attempt may take, instead of what the run had.", valueName: "[label=]time"))
  var timeout: [TimeLimit] = []
  @Flag(help: "After a failure, go on with the stages that do not depend on it.") var keepGoing = false
  @Option(help: "How progress is shown on stderr. (default: auto; with --json none)") var progress: ProgressForm?
  @OptionGroup var output: JSONOption

  func execute(_ invocation: Invocation) async throws -> ProgramStatus {
    let store = try Cache(FilePath(cache.cache), access: .reading)
    guard let unfinished = try Self.lastUnfinished(in: store) else {
      if output.json {
        Streams.outputLine(JSONLine.fields(["resumed": .null]).line)
      } else {
        Streams.errorLine("There is nothing to resume: no run of “\(Program.name)” is unfinished.")
      }
      return .fine
    }
    let arguments = try Self.withoutDoneForcing(unfinished, in: store)
    if progress != ProgressForm.none, !output.json {
      let line = ([Invocation.short(invocation.program)] + arguments).map(RunReport.quoted).joined(separator: " ")
      Streams.errorLine("Resuming run \(unfinished.id), which \(Self.words(for: unfinished.outcome)):  \(line)")
    }
    var again = invocation
    again.arguments = Self.merged(arguments, changes: changes)
    return await ProgramMain<Program>.status(of: again)
  }

  /// The run's command line, with `--force` only for stages that it did not come to: the others were computed anew.
  private static func withoutDoneForcing(_ run: RunRecord, in cache: Cache) throws -> [String] {
    let arguments = run.request.arguments
    guard let command = try ProgramMain<Program>.parse(arguments) as? RunCommand<Program>,
      !command.selection.force.isEmpty
    else { return arguments }
    let steps = try cache.steps(of: run.id).filter { $0.parent == nil }
    let done = try steps.filter { step in
      try step.key.map { try cache.history(of: $0).contains { $0.run == run.id } } ?? false
    }.map(\.label)
    let forced =
      command.selection.force.contains(ArgumentOrder.everything) ? steps.map(\.label) : command.selection.force
    let left = forced.filter { !done.contains($0) }
    return merged(withoutForce(arguments), changes: left.map { ("--force=\($0)", []) })
  }

  static func withoutForce(_ arguments: [String]) -> [String] {
    var kept: [String] = []
    var isForcing = false
    for (index, argument) in arguments.enumerated() {
      if argument == "--" { return kept + arguments[index...] }
      if argument.hasPrefix("-") || argument == "run" {
        isForcing = argument == "--force"
        if !isForcing, !argument.hasPrefix("--force=") { kept.append(argument) }
      } else if !isForcing {
        kept.append(argument)
      }
    }
    return kept
  }

  /// The options given to `resume`, as a command line.
  private var changes: [(name: String, values: [String])] {
    var changes: [(String, [String])] = [("--cache", [cache.cache])]
    if let jobs { changes.append(("--jobs", ["\(jobs)"])) }
    if let threads { changes.append(("--threads", ["\(threads)"])) }
    changes += device.map { ("--device", [$0]) } + timeout.map { ("--timeout", [$0.text]) }
    if keepGoing { changes.append(("--keep-going", [])) }
    if let progress { changes.append(("--progress", [progress.rawValue])) }
    if output.json { changes.append(("--json", [])) }
    return changes
  }

  /// The recorded command line with options of the same name replaced.
  static func merged(_ arguments: [String], changes: [(name: String, values: [String])]) -> [String] {
    let names = Dictionary(changes.map { ($0.name, $0.values.count) }) { first, _ in first }
    let (kept, tail) = without(names, arguments)
    // Behind an option that takes several values more options may follow, but no command's name: so they go last.
    return kept + changes.flatMap { [$0.name] + $0.values } + tail
  }

  /// What a run was about: its command line without the options that change no result, and without `--force`.
  static func essence(_ arguments: [String]) -> [String] {
    let means = [
      "--cache": 1, "--jobs": 1, "--threads": 1, "--checkpoint-every": 1, "--progress": 1, "--report": 1,
      "--on-finish": 1, "--memory": 1, "--device": 1,
      "--retries": 1, "--timeout": 1, "--keep-going": 0, "--json": 0, "--isolate": Int.max,
    ]
    let (kept, tail) = without(means, withoutForce(arguments))
    return kept.filter { $0 != "run" } + tail
  }

  /// A command line without the named options and their values; what stands behind `--` is apart.
  private static func without(_ names: [String: Int], _ arguments: [String]) -> (kept: [String], tail: [String]) {
    var kept: [String] = []
    var tail: [String] = []
    var index = 0
    while index < arguments.count {
      let argument = arguments[index]
      index += 1
      if argument == "--" {
        tail = Array(arguments[(index - 1)...])
        break
      }
      let name = argument.split(separator: "=", maxSplits: 1).first.map(String.init) ?? argument
      if let count = names[name] {
        guard name == argument else { continue }
        // As many as there are, up to the next option.
        var left = count
        while left > 0, index < arguments.count, count < .max || !arguments[index].hasPrefix("-") {
          index += 1
          left -= 1
        }
      } else {
        kept.append(argument)
      }
    }
    return (kept, tail)
  }

  /// The newest run without success whose command line no later run carried to its end.
  static func lastUnfinished(in cache: Cache) throws -> RunRecord? {
    var finished: Set<[String]> = []
    for run in try cache.runs() where run.request.pipeline == Program.name {
      switch run.outcome {
      case .succeeded: finished.insert(essence(run.request.arguments))
      case .running: continue
      case .failed, .interrupted, .lost:
        if !finished.contains(essence(run.request.arguments)) { return run }
      }
    }
    return nil
  }

  private static func words(for outcome: RunOutcome) -> String {
    switch outcome {
    case .interrupted: "was interrupted"
    case .failed: "failed"
    case .lost: "was killed"
    case .running, .succeeded: "is unfinished"
    }
  }
}
