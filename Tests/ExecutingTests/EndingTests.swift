import Artifacts
import Declaring
import Executing
import Foundation
import Histories
import RetortTesting
import Synchronization
import Testing

/// Attempts that end before their time, and what belongs to them.
@Suite(.timeLimit(.minutes(1))) struct EndingTests {
  private func parent(_ name: String) -> Pipeline {
    .declared {
      PipelineBuilder.buildFinalResult([
        stage("search", Tolerant(base: stage("c", Constant(10)), name: name, isTolerant: false)).edge
      ])
    }
  }

  /// A timeout covers what an attempt runs inside itself, and the attempt is not taken for one that does not end.
  @Test func aTimeoutEndsSubStages() async throws {
    let store = MemoryStore()
    let name = Board.name()
    Board.shared.set("hold " + name, 1)
    let summary = try await run(parent(name), in: store) {
      $0.timeouts = ["search": 0.02]
      $0.grace = 20
    }
    #expect(summary.outcome == .failed && summary.counts == RunCounts(ran: 1, failed: 2))
    #expect(summary.errors.map(\.code) == ["stage.timeout", "stage.ended"], "\(summary.errors)")
    #expect(summary.errors.first?.message.contains("took longer than allowed") == true)
    #expect(Board.shared.counted("run " + name) == 1)
  }

  /// What a body that is gone has begun inside itself ends, and no more of it begins.
  @Test func aCrashEndsSubStages() async throws {
    let store = MemoryStore()
    let name = Board.name()
    Board.shared.set("hold " + name, 1)
    let summary = try await run(parent(name), in: store, executor: LosesBodies(label: "search", name: name))
    #expect(summary.outcome == .failed && summary["search"]?.attempts == 3)
    #expect(summary.errors.first?.code == "test.crash", "\(summary.errors)")
    #expect(store.executionCount == 1)
  }

  /// One that waits to go on after a sub-stage, while others have the cores, hears that its time is over.
  @Test func whoWaitsToGoOnIsTold() async throws {
    let (name, other) = (Board.name(), Board.name())
    Board.shared.set("hold " + other, 1)
    let scheduler = try scheduler(
      .declared {
        PipelineBuilder.buildFinalResult([stage("wide", Wide(name: name)).edge, stage("other", Act(name: other)).edge])
      }, in: MemoryStore()
    ) {
      $0.timeouts = ["wide": 0.1]
      $0.grace = 20
    }
    async let running = scheduler.run()
    #expect(await eventually { Board.shared.counted("end " + name) == 1 })
    Board.shared.set("hold " + other, 0)
    let summary = try await running
    #expect(summary["other"]?.status.name == "ran")
    #expect(summary.errors.first?.message.contains("took longer than allowed") == true, "\(summary.errors)")
  }

  /// Nobody waits for ever for a key that an attempt still holds which was given up.
  @Test func whoNeedsTheKeyOfADeafAttemptFails() async throws {
    let name = Board.name()
    let summary = try await run(
      .declared { PipelineBuilder.buildFinalResult(["a", "b"].map { stage($0, Deaf(name: name)).edge }) },
      in: MemoryStore()
    ) {
      $0.timeouts = ["a": 0.01]
      $0.keepsGoing = true
    }
    #expect(summary.errors.map(\.code) == ["stage.timeout", "stage.deaf"], "\(summary.errors)")
    #expect(summary.errors.last?.place.stage == "b" && summary.errors.last?.message.contains("“a”") == true)
    #expect(Board.shared.counted("run " + name) == 1)
    Board.shared.set("let go " + name, 1)
    #expect(await eventually { Board.shared.counted("end " + name) == 1 })
  }

  // MARK: After a failure

  /// What becomes known in the same moment as a failure does not begin any more.
  @Test func nothingBeginsBesideAFailure() async throws {
    let (name, after) = (Board.name(), Board.name())
    let summary = try await run(
      .declared {
        let first = stage("first", Act(name: name, value: 6))
        return PipelineBuilder.buildFinalResult([
          stage("after", Act(name: after, inputs: [first])).edge, stage("picky", OnlySmall(number: first)).edge,
        ])
      }, in: MemoryStore())
    #expect(summary.errors.map(\.place.stage) == ["picky"], "\(summary.errors)")
    #expect(summary["after"]?.status.name == "skipped" && Board.shared.counted("run " + after) == 0)
  }

  /// Who waits for another try when the run fails has failed itself, and holds nothing up.
  @Test func noRetryIsWaitedForAfterAFailure() async throws {
    let (flaky, bad) = (Board.name(), Board.name())
    Act.fail(flaky, times: 9, transient: true)
    Board.shared.set("hold " + bad, 1)
    let recorder = Recorder { event in
      if event.label == "flaky" && name(event) == "failed" { Board.shared.set("hold " + bad, 0) }
    }
    let summary = try await run(
      .declared {
        let first = stage("flaky", Act(name: flaky))
        return PipelineBuilder.buildFinalResult([
          stage("next", Scale(first, by: 2)).edge, stage("bad", FailsLater(name: bad)).edge,
        ])
      }, in: MemoryStore(), sink: recorder
    ) { $0.retries = RetryPolicy(attempts: 3, delay: 300, longest: 300) }
    #expect(summary["flaky"]?.status.name == "failed" && summary["bad"]?.status.name == "failed")
    #expect(summary["next"]?.status.name == "skipped")
  }

  // MARK: Stores that fail now and then

  /// A look-up of a whole wave, or the lease of a device, that fails is tried again like a stage.
  @Test func whatAStoreRefusesOnceIsTriedAgain() async throws {
    // The first look-up of several keys for the run, and the first lease of a device.
    let refused = Mutex<Set<String>>([])
    let store = RefusingStore(MemoryStore()) { call in
      let name: String
      switch call {
      case .lookUp(let keys, isOfRun: true) where keys > 1: name = "look-up"
      case .leaseDevice: name = "device"
      default: return
      }
      guard refused.withLock({ $0.insert(name).inserted }) else { return }
      throw RetortError("test.flaky", "It did not work this time.", blame: .environment, isTransient: true)
    }
    let device = "flaky-\(UUID().uuidString)"
    let summary = try await run(
      .declared {
        let first = stage("c", Act(name: Board.name(), value: 3))
        return PipelineBuilder.buildFinalResult(
          (1...3).map { stage("s\($0)", Scale(first, by: $0)).edge } + [stage("d", OnDevice(device: device)).edge])
      }, in: store
    ) { $0.devices = [device: ["0"]] }
    #expect(summary.outcome == .succeeded && refused.withLock({ $0.count }) == 2, "\(summary.errors)")
    #expect(summary["d"]?.attempts == 2 && summary["s1"]?.attempts == 2)
  }
}

/// Leaves the bodies of a stage alone as soon as what they run inside themselves is at work, as if their process had died.
private struct LosesBodies: StageExecutor {
  var label: String
  var name: String

  func execute(_ work: StageWork) async throws -> [OutputPart] {
    guard work.label == label else { return try await LocalExecutor().execute(work) }
    Task { _ = try? await LocalExecutor().execute(work) }
    while Board.shared.counted("run " + name) == 0 { usleep(500) }
    throw RetortError("test.crash", "It died.", isTransient: true)
  }
}

/// Asks for two cores, and says when it has ended.
private struct Wide: Stage {
  static let id = "test.wide"
  static let version = 1
  static let uses: [any Stage.Type] = [Act.self]
  var name: String

  var resources: Resources { Resources(cores: 2) }

  func run(_ context: StageContext) async throws -> Number {
    defer { Board.shared.count("end " + name) }
    return try await context.run(Act(name: name))
  }
}

/// Takes small numbers only, which planning may not know yet.
private struct OnlySmall: Stage {
  static let id = "test.only-small"
  static let version = 1
  var number: Ref<Number>

  func forecast(_ forecast: inout Forecast) -> Facts {
    forecast.require(forecast[number].examples ?? 0 < 5, "number", "It is too large.", remedy: "Give a smaller one.")
    return .unknown
  }

  func run(_ context: StageContext) async throws -> Number { try context.load(number) }
}

private struct FailsLater: Stage {
  static let id = "test.fails-later"
  static let version = 1
  var name: String

  func run(_ context: StageContext) async throws -> Number {
    while Board.shared.get("hold " + name) == 1 { usleep(1000) }
    throw TestFailure()
  }
}

private struct OnDevice: Stage {
  static let id = "test.on-device"
  static let version = 1
  var device: String

  var resources: Resources { Resources(devices: [device: 1]) }
  func run(_ context: StageContext) async throws -> Number { Number(1) }
}
