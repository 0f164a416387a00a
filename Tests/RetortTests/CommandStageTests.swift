import Foundation
import Testing

@Suite("A program as a stage of a program", .serialized)
final class CommandStageTests {
  let probe: Probe

  init() throws { probe = try Probe() }
  deinit { probe.remove() }

  private func path(_ name: String) -> String { probe.folder.appending(path: name).path }

  private func stages(_ ending: Probe.Ending) throws -> [String: Int] {
    try #require(try ending.objects().last?["stages"] as? [String: Int])
  }

  /// A script that writes its own number and that of a process below it, and then takes for ever: the first time.
  private func waiting(_ preparation: String = "") -> String {
    """
    if [ -e \(path("numbers")) ]; then printf '{"text":"done"}' > "$1"; exit 0; fi
    \(preparation)
    sleep 300 & printf '%s %s\\n' $$ $! > \(path("numbers.new"))
    mv \(path("numbers.new")) \(path("numbers"))
    while :; do wait; done
    """
  }

  /// The numbers, once they are there.
  private func numbers(_ running: Probe.Running) throws -> [pid_t] {
    for _ in 0..<3000 where running.process.isRunning {
      if let text = try? String(contentsOfFile: path("numbers"), encoding: .utf8) {
        return text.split(whereSeparator: \.isWhitespace).compactMap { pid_t($0) }
      }
      usleep(10_000)
    }
    Issue.record("the script never began: \(try running.finish().errors)")
    return []
  }

  private func expectEnded(_ numbers: [pid_t]) {
    #expect(numbers.count == 2)
    for number in numbers {
      var ended = false
      for _ in 0..<2000 where !ended {
        let state = (try? String(contentsOfFile: "/proc/\(number)/stat", encoding: .utf8))?.split(separator: ")").last
        ended = state.map { $0.hasPrefix(" Z") || $0.hasPrefix(" X") } ?? true
        usleep(10_000)
      }
      #expect(ended, "process \(number) still runs")
    }
  }

  @Test func isCachedByWhatItIs() throws {
    let script = "printf '{\"text\":\"%s\"}' \"$PROBE_MODE\" > \"$1\""
    let mode = ["PROBE_MODE": "a"]
    func run(_ arguments: String..., environment: [String: String]) throws -> [String: Int] {
      let ending = try probe.start(
        "ProgramProbe", ["--json", "--script", script] + arguments, environment: environment
      )
      .finish()
      #expect(ending.status == 0, "\(ending.errors)")
      return try stages(ending)
    }
    #expect(try run(environment: mode) == ["ran": 5, "cached": 0, "failed": 0])
    #expect(try run(environment: mode.merging(["OTHER": "b"]) { $1 }) == ["ran": 0, "cached": 5, "failed": 0])
    #expect(try run(environment: ["PROBE_MODE": "b"])["ran"] == 1)
    #expect(try run("--shell", "/bin/sh", environment: mode)["ran"] == 0)
    let why = try probe.run("why", "command", "--script", script, environment: ["PROBE_MODE": "c"])
    #expect(why.output.contains("environment[\"PROBE_MODE\"]") && why.output.contains("\"c\""), "\(why.output)")
    let plan = try probe.run("plan", "--verbose", "--script", script)
    #expect(plan.output.contains("echo probe: probe"), "\(plan.output)")
  }

  @Test func aFaultOfThePlan() throws {
    let ending = try probe.run("--script", "true", "--shell", "basch")
    #expect(ending.status == 2 && ending.errors.contains("Did you mean “bash”?"), "\(ending.errors)")
  }

  @Test func aFailureShowsItsLastWords() throws {
    let ending = try probe.run("--script", "echo heard >&2; exit 7")
    #expect(ending.status == 1 && ending.errors.contains("exit code 7") && ending.errors.contains("heard"))
  }

  /// The kernel takes the run away; nothing is left to compute, and nothing keeps the lease.
  @Test(arguments: ["", "trap '' TERM INT HUP"])
  func aKilledRunTakesItsProgramsAlong(preparation: String) throws {
    let arguments = ["--json", "--script", waiting(preparation)]
    let running = try probe.start("ProgramProbe", arguments)
    let numbers = try numbers(running)
    kill(running.process.processIdentifier, SIGKILL)
    _ = try running.finish()
    expectEnded(numbers)
    let again = try probe.start("ProgramProbe", arguments).finish()
    #expect(again.status == 0, "\(again.errors)")
    #expect(try stages(again) == ["ran": 1, "cached": 4, "failed": 0])
  }

  /// Whatever the run was about to do with a program when it was killed: nothing of it is left.
  @Test func killedAtAnyInstantNothingIsLeft() throws {
    let isChaos = ProcessInfo.processInfo.environment["RETORT_CHAOS"] != nil
    for trial in 0..<(isChaos ? 200 : 6) {
      let mark = "trial-\(trial)-\(UUID().uuidString)"
      let running = try probe.start(
        "ProgramProbe", ["--json", "--word", mark, "--script", "sleep 300 & sleep 300"],
        environment: ["PROBE_MODE": mark])
      try running.wait(for: "started", "\"command\"")
      usleep(UInt32.random(in: 0...40_000))
      // One time at least there is something to end.
      for _ in 0..<500 where trial == 0 && Self.processes(withVariable: mark).count < 3 { usleep(20_000) }
      #expect(trial > 0 || Self.processes(withVariable: mark).count >= 3)
      kill(running.process.processIdentifier, SIGKILL)
      _ = try running.finish()
      var left = Self.processes(withVariable: mark)
      for _ in 0..<500 where !left.isEmpty {
        usleep(20_000)
        left = Self.processes(withVariable: mark)
      }
      #expect(left.isEmpty, "trial \(trial): \(left)")
    }
  }

  /// The live processes with this text in their environment.
  private static func processes(withVariable text: String) -> [String] {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return all.filter { name in
      // What has ended has no environment any more.
      guard Int(name) != nil, let bytes = FileManager.default.contents(atPath: "/proc/\(name)/environ") else {
        return false
      }
      return bytes.range(of: Data(text.utf8)) != nil
    }
  }

  @Test func ctrlCEndsIt() throws {
    let running = try probe.start("ProgramProbe", ["--json", "--script", waiting()])
    let numbers = try numbers(running)
    running.process.interrupt()
    let ending = try running.finish()
    #expect(ending.status == 130, "\(ending.errors)")
    expectEnded(numbers)
    #expect(try probe.run("resume", "--json").status == 0)
  }

  @Test func ctrlCTwiceEndsItAtOnce() throws {
    let running = try probe.start("ProgramProbe", ["--json", "--script", waiting("trap '' TERM")])
    let numbers = try numbers(running)
    running.process.interrupt()
    usleep(100_000)
    running.process.interrupt()
    #expect(try running.finish().status == 130)
    expectEnded(numbers)
  }

  @Test func noDescriptorIsInherited() throws {
    let script = "ls /proc/self/fd > \(path("descriptors")); printf '{\"text\":\"\"}' > \"$1\""
    #expect(try probe.run("--script", script).status == 0)
    // The last one is that of the listing itself.
    let list = try String(contentsOfFile: path("descriptors"), encoding: .utf8).split(separator: "\n")
    #expect(list.prefix(3) == ["0", "1", "2"] && list.count == 4, "\(list)")
  }
}
