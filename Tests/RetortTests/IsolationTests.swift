import Foundation
import Testing

@Suite("Stages in processes of their own", .serialized)
final class IsolationTests {
  let probe: Probe

  init() throws { probe = try Probe() }
  deinit { probe.remove() }

  private func digests(_ ending: Probe.Ending) throws -> [String: String] {
    var found: [String: String] = [:]
    for object in try ending.objects() where object["event"] as? String == "finished" {
      let label = try #require(object["label"] as? String)
      found[label] = "\(object["digests"] ?? "")"
    }
    return found
  }

  /// Where a body runs is no part of a result.
  @Test func digestsAreTheSame() throws {
    let inside = try probe.run("--cache", "one", "--json")
    let outside = try probe.run("--cache", "other", "--json", "--isolate")
    #expect(inside.status == 0 && outside.status == 0, "\(outside.errors)")
    #expect(try digests(inside) == digests(outside) && digests(inside).count == 4)
    let again = try probe.run("--cache", "other", "--json", "--isolate", "times-2", "joined")
    #expect(again.status == 0 && again.output.contains(#""ran": 0, "cached": 4"#), "\(again.output)")
  }

  /// A stage that traps or is killed fails by itself: the others end, and its last words are shown.
  @Test(arguments: ["trap", "kill"]) func aCrashIsAFailureOfOneStage(crash: String) throws {
    let ending = try probe.run("--crash", crash, "--crashing", "3", "--isolate", "--keep-going")
    #expect(ending.status == 1)
    #expect(ending.errors.contains("times-3") && ending.errors.contains("repeating 3 times"), "\(ending.errors)")
    #expect(ending.errors.contains(crash == "kill" ? "SIGKILL" : "SIG"), "\(ending.errors)")
    #expect(ending.errors.contains("2 ran") && ending.errors.contains("1 failed"), "\(ending.errors)")
    // Nothing of it was taken for a result.
    let after = try probe.run("--json")
    #expect(after.status == 0 && after.output.contains(#""ran": 2, "cached": 2"#), "\(after.output)")
  }

  @Test func aFailureIsTheStagesOwn() throws {
    let ending = try probe.run("--failing", "3", "--isolate")
    #expect(ending.status == 1 && ending.errors.contains("The branch 3 was told to fail."), "\(ending.errors)")
    #expect(ending.errors.contains("Leave --failing out."))
    let unknown = try probe.run("--isolate", "tims-3")
    #expect(unknown.status == 2 && unknown.errors.contains("times-3"), "\(unknown.errors)")
  }

  /// A stage that takes more than it asked for is ended with a word that says so, and nothing else with it.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self/status")))
  func memoryIsHeldToWhatAStageAskedFor() throws {
    let ending = try probe.run("--takes", "300", "--takes", "150", "--isolate", "user", "--keep-going", "--json")
    #expect(ending.status == 1 && ending.output.contains(#""ran": 4"#), "\(ending.errors)")
    #expect(
      ending.output.contains(#""code": "stage.memory""#) || ending.output.contains("stage.memory"), "\(ending.output)")
    #expect(ending.output.contains("of the 150 MB of memory"), "\(ending.output)")
  }

  @Test func aWorkerKnowsItsDevices() throws {
    for isolation in [[], ["--isolate"]] {
      let ending = try probe.start(
        "ProgramProbe", ["--uses", "gpu", "--device", "gpu=7", "--json", "--cache", "c\(isolation.count)"] + isolation
      ).finish()
      #expect(ending.status == 0, "\(ending.errors)")
      let told = isolation.isEmpty ? "nothing" : "7"
      let line = try #require(
        try ending.objects().first { ($0["line"] as? String)?.hasPrefix("uses") == true }?["line"] as? String)
      #expect(line == "uses [\"7\"], told \(told)")
    }
  }

  /// Ctrl-C reaches the body as it would in one process; a second run goes on from the worker's checkpoint.
  @Test func stopsAtACheckpointAndGoesOn() throws {
    let running = try probe.start("ProgramProbe", ["--seconds", "20", "--json", "--isolate", "joined"])
    try running.wait(for: "progress", "joined")
    running.process.interrupt()
    let ending = try running.finish()
    #expect(ending.status == 130, "\(ending.errors)")
    let checkpoints = probe.folder.appending(path: "cache/checkpoints")
    #expect(try FileManager.default.contentsOfDirectory(atPath: checkpoints.path).count == 1)
  }

  /// Whoever kills the run ends its workers.
  @Test func aKilledRunLeavesNoWorker() throws {
    let running = try probe.start("ProgramProbe", ["--seconds", "600", "--json", "--isolate", "joined"])
    try running.wait(for: "progress", "joined")
    let marker = probe.folder.lastPathComponent
    #expect(Self.processes(in: probe.folder).count >= 2)
    kill(running.process.processIdentifier, SIGKILL)
    _ = try running.finish()
    var left = Self.processes(in: probe.folder)
    for _ in 0..<200 where !left.isEmpty {
      usleep(50_000)
      left = Self.processes(in: probe.folder)
    }
    #expect(left.isEmpty, "\(marker): \(left)")
  }

  /// The programs whose working folder is `folder`.
  private static func processes(in folder: URL) -> [String] {
    let files = FileManager.default
    let wanted = folder.resolvingSymlinksInPath().path
    return ((try? files.contentsOfDirectory(atPath: "/proc")) ?? []).filter { name in
      Int(name) != nil && (try? files.destinationOfSymbolicLink(atPath: "/proc/\(name)/cwd")) == wanted
    }
  }
}
