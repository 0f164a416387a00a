import Artifacts
import Declaring
import Executing
import Foundation
import RetortTesting
import Testing

@Suite struct StopTests {
  @Test func aStageWithoutCheckpointsEndsItsWorkAfterTheFirstRequest() async throws {
    let store = MemoryStore()
    let name = Board.name()
    Board.shared.set("hold " + name, 1)
    let scheduler = try scheduler(
      .declared {
        PipelineBuilder.buildFinalResult([
          stage("next", Scale(stage("held", Act(name: name, value: 5)), by: 2)).edge
        ])
      }, in: store)
    async let running = scheduler.run()
    #expect(await eventually { Board.shared.counted("run " + name) == 1 })
    scheduler.stop()
    try await Task.sleep(nanoseconds: 5_000_000)
    Board.shared.set("hold " + name, 0)
    let summary = try await running
    #expect(summary.outcome == .interrupted)
    #expect(summary["held"]?.status.name == "ran")
    #expect(summary["next"]?.status.name == "skipped")
  }

  @Test func theSecondRequestEndsItNow() async throws {
    let store = MemoryStore()
    let name = Board.name()
    Board.shared.set("hold " + name, 1)
    let scheduler = try scheduler(
      .declared { PipelineBuilder.buildFinalResult([stage("held", Act(name: name)).edge]) }, in: store)
    async let running = scheduler.run()
    #expect(await eventually { Board.shared.counted("run " + name) == 1 })
    scheduler.stop()
    scheduler.stop()
    let summary = try await running
    #expect(summary["held"]?.status.name == "interrupted")
    #expect(store.failures.isEmpty)
    #expect(store.executionCount == 0)
  }

  @Test func aStageThatNeverLooksIsGivenUp() async throws {
    let store = MemoryStore()
    let name = Board.name()
    let scheduler = try scheduler(
      .declared { PipelineBuilder.buildFinalResult([stage("deaf", Deaf(name: name)).edge]) }, in: store)
    async let running = scheduler.run()
    #expect(await eventually { Board.shared.counted("run " + name) == 1 })
    scheduler.stop()
    scheduler.stop()
    let summary = try await running
    #expect(summary["deaf"]?.status.name == "interrupted")
    Board.shared.set("let go " + name, 1)
    #expect(await eventually { Board.shared.counted("end " + name) == 1 })
    try await Task.sleep(nanoseconds: 20_000_000)
    #expect(store.executionCount == 0)
  }

  @Test func cancellingTheTaskStopsTheRun() async throws {
    let store = MemoryStore()
    let name = Board.name()
    Board.shared.set("hold " + name, 1)
    let scheduler = try scheduler(
      .declared { PipelineBuilder.buildFinalResult([stage("held", Act(name: name)).edge]) }, in: store)
    let task = Task { try await scheduler.run() }
    #expect(await eventually { Board.shared.counted("run " + name) == 1 })
    task.cancel()
    #expect(try await task.value.outcome == .interrupted)
  }

  @Test func whatTakesTooLongFails() async throws {
    let store = MemoryStore()
    let name = Board.name()
    Board.shared.set("hold " + name, 1)
    let deaf = Board.name()
    let summary = try await run(
      .declared {
        PipelineBuilder.buildFinalResult([
          stage("held", Act(name: name)).edge, stage("deaf", Deaf(name: deaf)).edge, stage("quick", Constant(1)).edge,
        ])
      }, in: store
    ) {
      $0.timeouts = ["held": 0.01, "deaf": 0.01]
      $0.keepsGoing = true
    }
    #expect(summary.outcome == .failed)
    #expect(summary.errors.map(\.code) == ["stage.timeout", "stage.timeout"])
    #expect(summary["quick"]?.status.name == "ran")
    #expect(store.failures.count == 2)
    Board.shared.set("let go " + deaf, 1)
    #expect(await eventually { Board.shared.counted("end " + deaf) == 1 })
  }

  @Test func aStageThatCancelsItselfHasFailed() async throws {
    let store = MemoryStore()
    let summary = try await run(
      .declared { PipelineBuilder.buildFinalResult([stage("quits", Quits()).edge]) }, in: store)
    #expect(summary.errors.map(\.code) == ["stage.cancelled"])
  }
}

/// Computes without ever looking whether it should end.
struct Deaf: Stage {
  static let id = "test.deaf"
  static let version = 1
  var name: String

  func run(_ context: StageContext) async throws -> Number {
    Board.shared.count("run " + name)
    while Board.shared.get("let go " + name) == 0 { usleep(1000) }
    Board.shared.count("end " + name)
    return Number(1)
  }
}

struct Quits: Stage {
  static let id = "test.quits"
  static let version = 1
  func run(_ context: StageContext) async throws -> Number { throw CancellationError() }
}
