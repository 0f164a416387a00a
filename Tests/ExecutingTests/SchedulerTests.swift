import Artifacts
import Declaring
import Executing
import Planning
import RetortTesting
import Testing

@Suite struct SchedulerTests {
  @Test func runsOnceThenFindsEverything() async throws {
    let store = MemoryStore()
    func pipeline(_ factor: Int) -> Pipeline {
      .declared {
        PipelineBuilder.buildFinalResult(
          PipelineBuilder.buildExpression(
            stage("total", Sum([stage("a", Scale(stage("c", Constant(7)), by: factor)), stage("d", Constant(5))]))))
      }
    }
    let first = try await run(pipeline(3), in: store)
    #expect(first.outcome == .succeeded)
    #expect(first.counts == RunCounts(ran: 4))
    #expect(try first.number("total", in: store) == 26)
    let second = try await run(pipeline(3), in: store)
    #expect(second.counts == RunCounts(cached: 4))
    #expect(store.runs.map(\.outcome) == [.succeeded, .succeeded])
    #expect(second["total"]?.digest == first["total"]?.digest)
    let third = try await run(pipeline(4), in: store)
    #expect(third.counts == RunCounts(ran: 2, cached: 2))
    #expect(try third.number("total", in: store) == 33)
    #expect(store.runs.last?.steps.map(\.outcome) == [.cached, .ran, .cached, .ran])
    let forced = try await run(pipeline(4), in: store, force: .everything)
    #expect(forced.counts == RunCounts(ran: 4))
  }

  @Test func sameBytesStopTheRerun() async throws {
    let store = MemoryStore()
    func pipeline(_ value: Int) -> Pipeline {
      .declared {
        let parity = stage("parity", Scale(stage("c", Constant(value)), by: 1, modulo: 2))
        return PipelineBuilder.buildFinalResult([stage("end", Scale(parity, by: 10)).edge])
      }
    }
    _ = try await run(pipeline(4), in: store)
    let recorder = Recorder()
    let second = try await run(pipeline(6), in: store, sink: recorder)
    #expect(second["c"]?.status.name == "ran")
    #expect(second["parity"]?.status.name == "ran")
    #expect(second["end"]?.status.name == "cached")
    #expect(recorder.names(of: "end") == ["cached"])
    #expect(recorder.names(of: "parity") == ["started", "finished"])
    #expect(recorder.events.first.map { name($0.event) } == "planned")
    #expect(recorder.events.last.map { name($0.event) } == "runFinished")
  }

  @Test func stopsAtTheFirstFailureOrKeepsGoing() async throws {
    for keepsGoing in [false, true] {
      let store = MemoryStore()
      let bad = Board.name()
      Act.fail(bad, times: 100)
      let pipeline = Pipeline.declared {
        let broken = stage("broken", Act(name: bad))
        let after = stage("after", Scale(broken, by: 2))
        let later = stage("later", Sum([after]))
        var chain = stage("c0", Constant(1))
        for index in 1...5 { chain = stage("c\(index)", Scale(chain, by: 2)) }
        return PipelineBuilder.buildFinalResult([later.edge, chain.edge])
      }
      let summary = try await run(pipeline, in: store) {
        $0.keepsGoing = keepsGoing
        $0.jobs = 1
      }
      #expect(summary.outcome == .failed)
      #expect(summary["after"]?.status.name == "skipped")
      #expect(summary["later"]?.status.name == "skipped")
      #expect(summary.errors.map(\.code) == ["stage.failed"])
      #expect(summary.errors.first?.place.stage == "broken")
      #expect(summary.errors.first?.message == "broken on purpose")
      #expect(summary.errors.first?.blame == .stage)
      #expect(store.failures.map(\.label) == ["broken"])
      #expect(store.runs.last?.outcome == .failed)
      if keepsGoing {
        #expect(summary.counts == RunCounts(ran: 6, failed: 1, skipped: 2))
      } else {
        #expect(summary.counts.failed == 1)
        #expect(summary.counts.skipped + summary.counts.ran == 8)
        #expect(summary.counts.skipped >= 3)
      }
    }
  }

  @Test func triesAgainWhatMayPass() async throws {
    let store = MemoryStore()
    let flaky = Board.name()
    let hopeless = Board.name()
    Act.fail(flaky, times: 2, transient: true)
    Act.fail(hopeless, times: 9, transient: true)
    let recorder = Recorder()
    let pipeline = Pipeline.declared {
      PipelineBuilder.buildFinalResult([
        stage("flaky", Act(name: flaky, value: 4)).edge, stage("hopeless", Act(name: hopeless)).edge,
      ])
    }
    let summary = try await run(pipeline, in: store, sink: recorder) { $0.keepsGoing = true }
    #expect(summary["flaky"]?.status.name == "ran")
    #expect(summary["flaky"]?.attempts == 3)
    #expect(summary["hopeless"]?.status.name == "failed")
    #expect(summary["hopeless"]?.attempts == 3)
    #expect(Board.shared.counted("run " + hopeless) == 3)
    #expect(recorder.names(of: "flaky") == ["started", "failed", "started", "failed", "started", "finished"])
  }

  @Test func oneKeyUnderTwoLabelsIsComputedOnce() async throws {
    let store = MemoryStore()
    let name = Board.name()
    let pipeline = Pipeline.declared {
      PipelineBuilder.buildFinalResult((0..<8).map { stage("s\($0)", Act(name: name, value: 1)).edge })
    }
    let summary = try await run(pipeline, in: store)
    #expect(summary.counts == RunCounts(ran: 1, cached: 7))
    #expect(Board.shared.counted("run " + name) == 1)
  }

  @Test func resourcesAreNeverOverdrawn() async throws {
    let store = MemoryStore()
    let wishes = ["exclusive", "gpu", "two", "memory", "free"]
    let name = Board.name()
    let pipeline = Pipeline.declared {
      PipelineBuilder.buildFinalResult(
        (0..<40).map { stage("s\($0)", Act(name: name, value: $0, wish: wishes[$0 % wishes.count])).edge })
    }
    let summary = try await run(pipeline, in: store) {
      $0.threads = 4
      $0.memory = 1000
      $0.devices = ["gpu": ["0"]]
      $0.jobs = 4
    }
    #expect(summary.counts == RunCounts(ran: 40))
    #expect(Gauge.shared.most("exclusive") == 1)
    #expect(Gauge.shared.most("gpu") == 1)
    #expect(Gauge.shared.most("memory") == 1)
    #expect(Gauge.shared.most("two") <= 2)
    #expect(Gauge.shared.beside == 0)
  }

  @Test func longChainsRunAndEnd() async throws {
    let store = MemoryStore()
    let pipeline = Pipeline.declared {
      var chain = stage("c", Constant(1))
      for index in 0..<2000 { chain = stage("s\(index)", Scale(chain, by: 3)) }
      return PipelineBuilder.buildFinalResult([chain.edge])
    }
    let summary = try await run(pipeline, in: store)
    #expect(summary.counts == RunCounts(ran: 2001))
  }

  @Test func whatWasNotSelectedIsLeftAlone() async throws {
    let store = MemoryStore()
    let root = try temporaryFolder()
    defer { try? Files.remove(root) }
    let pipeline = Pipeline.declared {
      let first = stage("a", Constant(1))
      let deliver = Deliver(files: ["a": "b"], destination: Destination(root.appending("out").string))
      return PipelineBuilder.buildFinalResult([
        stage("b", Scale(first, by: 2)).edge, stage("c", Scale(first, by: 3)).edge, stage("out", deliver).edge,
      ])
    }
    _ = try await run(pipeline, in: store)
    try Files.remove(root.appending("out"))
    let recorder = Recorder()
    let summary = try await run(pipeline, in: store, force: .labels(["b"]), only: ["b"], sink: recorder)
    #expect(summary.counts == RunCounts(ran: 1))
    #expect(summary.steps.map(\.label) == ["b"])
    #expect(store.runs.last?.steps.map(\.outcome) == [.cached, .ran, .cached, .cached])
    #expect(try Files.status(of: root.appending("out")) == nil)
    let hits = try await run(pipeline, in: store, only: ["c"])
    #expect(hits.counts == RunCounts(cached: 1))
    #expect(try Files.status(of: root.appending("out")) == nil)
  }

  @Test func aSchedulerRunsOnce() async throws {
    let store = MemoryStore()
    let scheduler = try scheduler(
      .declared { PipelineBuilder.buildFinalResult([stage("c", Constant(1)).edge]) }, in: store)
    _ = try await scheduler.run()
    await #expect(throws: RetortError.self) { try await scheduler.run() }
  }
}
