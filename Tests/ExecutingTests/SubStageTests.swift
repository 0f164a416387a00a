import Artifacts
import Declaring
import Executing
import Foundation
import Planning
import RetortTesting
import Testing

@Suite struct SubStageTests {
  private func pipeline<S: Stage>(_ make: (Ref<Number>) -> S) -> Pipeline {
    .declared { PipelineBuilder.buildFinalResult([stage("search", make(stage("c", Constant(10)))).edge]) }
  }

  @Test func areKeyedCachedAndRecordedLikeAnyStep() async throws {
    let store = MemoryStore()
    let first = try await run(pipeline { Search(base: $0, factors: [2, 3]) }, in: store) { $0.jobs = 1 }
    #expect(first.outcome == .succeeded)
    // (10·2)·2 + (10·3)·2, each through two sub-stages.
    #expect(try first.number("search", in: store) == 100)
    #expect(first.counts == RunCounts(ran: 6))
    #expect(
      first.steps.map(\.label) == [
        "c", "search", "search/Scale", "search/Scale-2", "search/Scale-3", "search/Scale-4",
      ])
    #expect(store.runs.last?.steps.map(\.parent) == [nil, nil] + Array(repeating: "search", count: 4))
    #expect(first["search"]?.execution?.details.children.count == 4)

    // A sweep that grows computes what is new.
    let second = try await run(pipeline { Search(base: $0, factors: [2, 3, 4]) }, in: store) { $0.jobs = 1 }
    #expect(try second.number("search", in: store) == 180)
    #expect(second.counts == RunCounts(ran: 3, cached: 5))

    // A sub-stage has the key that the pipeline's own stage would have.
    let third = try await run(
      .declared { PipelineBuilder.buildFinalResult([stage("s", Scale(stage("c", Constant(10)), by: 4)).edge]) },
      in: store)
    #expect(third.counts == RunCounts(cached: 2))
  }

  /// What a stage waits for its sub-stages is theirs alone.
  @Test func theirTimeIsTheirOwn() async throws {
    let store = MemoryStore()
    let summary = try await run(
      .declared { PipelineBuilder.buildFinalResult([stage("outer", RunsNap()).edge]) }, in: store)
    let outer = try #require(summary["outer"]?.execution?.details.seconds)
    let nap = try #require(summary["outer/Nap"]?.execution?.details.seconds)
    #expect(nap >= 0.4 && outer < nap)
  }

  @Test func atOnceAndOnOneJobTheyDoNotBlockEachOther() async throws {
    let store = MemoryStore()
    let pipeline = Pipeline.declared {
      PipelineBuilder.buildFinalResult(
        (0..<6).map { index in
          stage("p\(index)", Together(base: stage("c\(index)", Constant(index)), depth: 3)).edge
        })
    }
    let summary = try await run(pipeline, in: store) {
      $0.jobs = 1
      $0.threads = 1
    }
    #expect(summary.outcome == .succeeded)
    // Each level doubles, twice over: 4^3 · index.
    for index in 0..<6 { #expect(try summary.number("p\(index)", in: store) == index * 64) }
  }

  @Test func anUnlistedOneIsRefused() async throws {
    let summary = try await run(pipeline { Smuggler(base: $0) }, in: MemoryStore())
    #expect(summary["search"]?.status.name == "failed")
    #expect(summary.errors.first?.place.stage?.hasPrefix("search") == true)
  }

  @Test func aFailureReachesTheParentWhichMayGoOn() async throws {
    let name = Board.name()
    Act.fail(name, times: 100)
    let store = MemoryStore()
    let tolerant = try await run(pipeline { Tolerant(base: $0, name: name, isTolerant: true) }, in: store)
    #expect(tolerant.outcome == .succeeded)
    #expect(tolerant.counts == RunCounts(ran: 2, failed: 1))
    let strict = try await run(pipeline { Tolerant(base: $0, name: name, isTolerant: false) }, in: store)
    #expect(strict.outcome == .failed)
    #expect(strict["search"]?.status.name == "failed")
    #expect(strict.errors.first?.place.stage == "search/Act")
  }

  /// A sub-stage has its own tries, and its failure gives the stage that runs it no more.
  @Test func retriesDoNotMultiply() async throws {
    let name = Board.name()
    Act.fail(name, times: 100, transient: true)
    let summary = try await run(pipeline { Tolerant(base: $0, name: name, isTolerant: false) }, in: MemoryStore())
    #expect(summary["search"]?.status.name == "failed" && summary["search"]?.attempts == 1)
    #expect(Board.shared.counted("run " + name) == 3)
  }

  @Test(.timeLimit(.minutes(1))) func aCircleIsRefused() async throws {
    for isMutual in [false, true] {
      let summary = try await run(
        .declared {
          let c = stage("c", Constant(1))
          return PipelineBuilder.buildFinalResult([
            stage("ping", Ping(base: c, isMutual: isMutual)).edge,
            stage("pong", Pong(base: c, isMutual: isMutual)).edge,
          ])
        }, in: MemoryStore()
      ) { $0.keepsGoing = true }
      #expect(summary.outcome == .failed)
      #expect(summary.errors.contains { $0.code == "stage.cycle" })
    }
  }

  @Test func stopReachesThroughThem() async throws {
    let store = MemoryStore()
    let name = Board.name()
    Board.shared.set("pause " + name, 6)
    let scheduler = try scheduler(pipeline { TrainInside(base: $0, name: name) }, in: store)
    async let running = scheduler.run()
    #expect(await eventually { Board.shared.counted("step " + name) == 6 })
    scheduler.stop()
    Board.shared.set("pause " + name, 0)
    let summary = try await running
    #expect(summary.outcome == .interrupted)
    #expect(summary["search"]?.status.name == "interrupted")
    #expect(summary["search/Train"]?.status.name == "interrupted")
    let again = try await run(pipeline { TrainInside(base: $0, name: name) }, in: store)
    #expect(Board.shared.get("restored " + name) > 0)
    #expect(try again.number("search", in: store) == Train.expected(from: 10, steps: 300))
  }
}

struct Nap: Stage {
  static let id = "test.nap"
  static let version = 1

  func run(_ context: StageContext) async throws -> Number {
    usleep(400_000)
    return Number(1)
  }
}

struct RunsNap: Stage {
  static let id = "test.runs-nap"
  static let version = 1
  static var uses: [any Stage.Type] { [Nap.self] }

  func run(_ context: StageContext) async throws -> Number { try await context.run(Nap()) }
}

struct Search: Stage {
  static let id = "test.search"
  static let version = 1
  static let uses: [any Stage.Type] = [Scale.self]
  var base: Ref<Number>
  var factors: [Int]

  func run(_ context: StageContext) async throws -> Number {
    var sum = 0
    for factor in factors {
      let scaled = try await context.reference(to: Scale(base, by: factor))
      sum += try await context.run(Scale(scaled, by: 2)).value
    }
    return Number(sum)
  }
}

/// Runs two of its kind at once, down to `depth`.
struct Together: Stage {
  static let id = "test.together"
  static let version = 1
  static let uses: [any Stage.Type] = [Together.self, Scale.self]
  var base: Ref<Number>
  var depth: Int
  var side = 0

  func run(_ context: StageContext) async throws -> Number {
    guard depth > 0 else { return try context.load(base) }
    let doubled = try await context.reference(to: Scale(base, by: 2))
    async let left = context.run(Together(base: doubled, depth: depth - 1, side: 0))
    async let right = context.run(Together(base: doubled, depth: depth - 1, side: 1))
    return Number(try await left.value + right.value)
  }
}

struct Smuggler: Stage {
  static let id = "test.smuggler"
  static let version = 1
  var base: Ref<Number>
  func run(_ context: StageContext) async throws -> Number { try await context.run(Scale(base, by: 2)) }
}

struct Tolerant: Stage {
  static let id = "test.tolerant"
  static let version = 1
  static let uses: [any Stage.Type] = [Act.self]
  var base: Ref<Number>
  var name: String
  var isTolerant: Bool

  func run(_ context: StageContext) async throws -> Number {
    do {
      return try await context.run(Act(name: name, inputs: [base]))
    } catch  where isTolerant {
      return Number(-1)
    }
  }
}

struct Ping: Stage {
  static let id = "test.ping"
  static let version = 1
  static let uses: [any Stage.Type] = [Ping.self, Pong.self]
  var base: Ref<Number>
  var isMutual: Bool

  func run(_ context: StageContext) async throws -> Number {
    isMutual
      ? try await context.run(Pong(base: base, isMutual: true))
      : try await context.run(Ping(base: base, isMutual: false))
  }
}

struct Pong: Stage {
  static let id = "test.pong"
  static let version = 1
  static let uses: [any Stage.Type] = [Ping.self, Pong.self]
  var base: Ref<Number>
  var isMutual: Bool

  func run(_ context: StageContext) async throws -> Number {
    isMutual ? try await context.run(Ping(base: base, isMutual: true)) : try context.load(base)
  }
}

struct TrainInside: Stage {
  static let id = "test.train-inside"
  static let version = 1
  static let uses: [any Stage.Type] = [Train.self]
  var base: Ref<Number>
  var name: String

  func run(_ context: StageContext) async throws -> Number {
    try await context.run(Train(name: name, start: base, steps: 300))
  }
}
