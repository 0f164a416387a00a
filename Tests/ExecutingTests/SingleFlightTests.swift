import Artifacts
import Declaring
import Executing
import RetortTesting
import Testing

@Suite struct SingleFlightTests {
  @Test func twoRunsComputeEachKeyOnce() async throws {
    let store = MemoryStore()
    let names = (0..<12).map { _ in Board.name() }
    func pipeline() -> Pipeline {
      .declared {
        var previous: [Ref<Number>] = []
        for (index, name) in names.enumerated() {
          let inputs = previous.isEmpty ? [] : [previous[index / 2]]
          previous.append(stage("s\(index)", Act(name: name, inputs: inputs, value: index, wish: "slow")))
        }
        return PipelineBuilder.buildFinalResult(previous.map(\.edge))
      }
    }
    let recorders = [Recorder(), Recorder(), Recorder()]
    let schedulers = try recorders.map { try scheduler(pipeline(), in: store, sink: $0) }
    let summaries = try await withThrowingTaskGroup(of: RunSummary.self) { group in
      for scheduler in schedulers { group.addTask { try await scheduler.run() } }
      var summaries: [RunSummary] = []
      for try await summary in group { summaries.append(summary) }
      return summaries
    }
    #expect(summaries.allSatisfy { $0.outcome == .succeeded })
    #expect(summaries.reduce(0) { $0 + $1.counts.ran } == 12)
    for name in names { #expect(Board.shared.counted("run " + name) == 1) }
    let digests = summaries.map { $0.steps.map(\.digest) }
    #expect(digests.allSatisfy { $0 == digests[0] })
  }

  @Test func whoWaitsTakesOverWhenTheOtherFails() async throws {
    let store = MemoryStore()
    let name = Board.name()
    Act.fail(name, times: 1)
    func pipeline() -> Pipeline {
      .declared { PipelineBuilder.buildFinalResult([stage("s", Act(name: name, wish: "slow")).edge]) }
    }
    let first = try scheduler(pipeline(), in: store)
    let second = try scheduler(pipeline(), in: store)
    async let one = first.run()
    async let two = second.run()
    let outcomes = Set([try await one.outcome, try await two.outcome])
    #expect(outcomes == [.failed, .succeeded])
    #expect(Board.shared.counted("run " + name) == 2)
  }

  @Test func waitingForAnotherRunEndsWithTheStopRequest() async throws {
    let store = MemoryStore()
    let name = Board.name()
    Board.shared.set("hold " + name, 1)
    func pipeline() -> Pipeline {
      .declared { PipelineBuilder.buildFinalResult([stage("s", Act(name: name)).edge]) }
    }
    let first = try scheduler(pipeline(), in: store)
    let recorder = Recorder()
    let second = try scheduler(pipeline(), in: store, sink: recorder)
    async let one = first.run()
    #expect(await eventually { Board.shared.counted("run " + name) == 1 })
    async let two = second.run()
    #expect(await eventually { recorder.names(of: "s") == ["waiting"] })
    second.stop()
    #expect(try await two.outcome == .interrupted)
    Board.shared.set("hold " + name, 0)
    #expect(try await one.outcome == .succeeded)
  }
}
