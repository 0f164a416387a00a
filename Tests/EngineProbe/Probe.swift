import Artifacts
import Declaring
import Executing
import Foundation
import Histories
import Planning
import RetortTesting
import Storing

/// A process for tests to kill: it runs a small pipeline of all that the engine does on a real cache.
///
/// `EngineProbe CACHE OUT [WIDTH]` prints `finished LABEL` and `cached LABEL` as steps end, then `digest LABEL DIGEST` for
/// each, and exits with 0 if the run succeeded. Stages note in the file `$PROBE_LEDGER` that they were run.
///
/// `EngineProbe world CACHE FILE` runs the world in a file of JSON instead and prints `report JSON` at the end;
/// `EngineProbe collect CACHE COUNT` collects, keeping what so many runs used.
@main
enum Probe {
  static func main() async {
    let arguments = CommandLine.arguments
    do {
      switch arguments[1] {
      case "world": try await world(arguments[3], Cache(FilePath(arguments[2]), batch: 16))
      case "collect":
        _ = try Cache(FilePath(arguments[2])).gc(keeping: CollectionPolicy(runs: Int(arguments[3]) ?? 1))
        exit(0)
      default: break
      }
      let cache = try Cache(FilePath(arguments[1]))
      let pipeline = pipeline(out: arguments[2], width: arguments.count > 3 ? Int(arguments[3]) ?? 2 : 2)
      let plan = try Planner(store: cache, options: PlanOptions(pipeline: "probe")).plan(pipeline)
      var options = RunOptions(jobs: 3, threads: 3)
      options.checkpointEvery = 0
      let request = RunRequest(
        pipeline: "probe", arguments: [], options: [:], startedAt: Date().timeIntervalSince1970, profile: .unknown)
      let summary = try await Scheduler(
        plan: plan, store: cache, request: request, options: options, events: EventBus([Printer()])
      ).run()
      for step in summary.steps { say("digest \(step.label) \(step.digest?.hex ?? "-")") }
      for error in summary.errors { say("error: \(error)") }
      exit(summary.outcome == .succeeded ? 0 : 1)
    } catch {
      say("error: \(error)")
      exit(1)
    }
  }

  static func world(_ file: String, _ cache: Cache) async throws {
    let world = try JSONDecoder().decode(World.self, from: Data(Files.read(FilePath(file))))
    let summary = try await world.run(in: cache, jobs: 2, threads: 2, events: EventBus([Printer()])).summary
    for error in summary.errors { say("error: \(error)") }
    let report = try world.report(on: summary, from: cache)
    say("report " + String(decoding: try JSONEncoder().encode(report), as: UTF8.self))
    exit(summary.outcome == .succeeded ? 0 : 1)
  }

  static func pipeline(out: String, width: Int) -> Pipeline {
    .declared {
      let start = stage("start", Constant(3))
      let ends = (0..<width).map { index in
        stage("train-\(index)", ProbeTrain(start: stage("scale-\(index)", Scale(start, by: index + 2)), steps: 8))
      }
      let search = stage("search", ProbeSearch(start: start, steps: [3, 5]))
      let total = stage("total", ProbeTotal(parts: ends + [search]))
      return PipelineBuilder.buildFinalResult([
        stage("export", ProbeExport(total: total, destination: Destination(out))).edge
      ])
    }
  }

  /// Lines must be out before a kill.
  static func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}

private struct Printer: EventSink {
  func receive(_ event: TimedEvent) {
    switch event.event {
    case .finished(let label, _, _, _, _): Probe.say("finished \(label)")
    case .cached(let label, _, _): Probe.say("cached \(label)")
    case .checkpointed(let label, _, _): Probe.say("checkpointed \(label)")
    default: break
    }
  }
}
