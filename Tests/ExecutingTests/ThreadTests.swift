import Artifacts
import Declaring
import Foundation
import RetortTesting
import Synchronization
import Testing

@testable import Executing

@Suite struct ThreadTests {
  /// Four stages that compute without a pause must not hold up a timer on Swift's own pool, however small that is.
  @Test func timersTickWhileStagesCompute() async throws {
    let store = MemoryStore()
    let names = (0..<4).map { _ in Board.name() }
    let scheduler = try scheduler(
      .declared { PipelineBuilder.buildFinalResult(names.map { stage($0, Deaf(name: $0)).edge }) }, in: store
    ) { $0.threads = 4 }
    async let running = scheduler.run()
    // All four compute at once, though the machine may have fewer cores.
    #expect(await eventually { names.allSatisfy { Board.shared.counted("run " + $0) == 1 } })
    // Were they on Swift's pool, none of these sleeps would ever return: nothing else lets the stages go.
    for _ in 0..<5 { try await Task.sleep(nanoseconds: 1_000_000) }
    for name in names { Board.shared.set("let go " + name, 1) }
    #expect(try await running.counts.ran == 4)
  }

  @Test func childTasksOfAStageLeaveSwiftsPoolAlone() async throws {
    let store = MemoryStore()
    let name = Board.name()
    let scheduler = try scheduler(
      .declared { PipelineBuilder.buildFinalResult([stage("group", Grouped(name: name)).edge]) }, in: store)
    async let running = scheduler.run()
    #expect(await eventually { Board.shared.counted("run " + name) == 6 })
    try await Task.sleep(nanoseconds: 1_000_000)
    Board.shared.set("let go " + name, 1)
    #expect(try await running.outcome == .succeeded)
  }

  @Test func aPoolRunsEverythingAndGrowsWithWhatBlocks() async throws {
    let pool = ThreadPool(maximum: 512)
    let count = Atomic<Int>(0)
    let gate = Mutex(false)
    for _ in 0..<32 {
      pool.run {
        while !gate.withLock({ $0 }) { usleep(500) }
        count.add(1, ordering: .relaxed)
      }
    }
    // Behind 32 that block, this one still runs.
    let passed = Atomic<Bool>(false)
    pool.run { passed.store(true, ordering: .relaxed) }
    #expect(await eventually { passed.load(ordering: .relaxed) })
    gate.withLock { $0 = true }
    #expect(await eventually { count.load(ordering: .relaxed) == 32 })
    for _ in 0..<20_000 { pool.run { count.add(1, ordering: .relaxed) } }
    #expect(await eventually { count.load(ordering: .relaxed) == 20_032 })
  }

  @Test func oneThreadKeepsTheOrder() async throws {
    let pool = ThreadPool(maximum: 1)
    let seen = Mutex<[Int]>([])
    for index in 0..<5000 { pool.run { seen.withLock { $0.append(index) } } }
    #expect(await eventually { seen.withLock { $0.count } == 5000 })
    #expect(seen.withLock { $0 } == Array(0..<5000))
  }

  /// Where the system gives a thread no more and then again, a pool of one still runs one call at a time.
  @Test func oneThreadStaysOneWhereThreadsRunOut() async throws {
    let tries = Mutex(0)
    let pool = ThreadPool(maximum: 1) {
      tries.withLock { tries in
        tries += 1
        return tries > 1
      }
    }
    let calls = Mutex((atWork: 0, overlaps: 0, ended: 0))
    Thread.detachNewThread {
      pool.run {
        calls.withLock { $0.atWork += 1 }
        let added = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
          pool.run {
            calls.withLock { calls in
              calls.overlaps += calls.atWork
              calls.ended += 1
            }
          }
          added.signal()
        }
        added.wait()
        usleep(20_000)
        calls.withLock { $0.atWork -= 1 }
      }
    }
    #expect(await eventually { calls.withLock { $0.ended } == 1 })
    #expect(calls.withLock { $0.overlaps } == 0)
  }

  @Test func threadsAreSharedOut() {
    let share = ThreadShare(total: 8)
    share.update(running: 1, usedCores: 1)
    #expect(share.threads(cores: 1) == 8)
    share.update(running: 2, usedCores: 2)
    #expect(share.threads(cores: 1) == 4)
    share.update(running: 3, usedCores: 6)
    #expect(share.threads(cores: 4) == 4)
    share.update(running: 20, usedCores: 20)
    #expect(share.threads(cores: 1) == 1)
  }
}

/// Blocks in child tasks.
struct Grouped: Stage {
  static let id = "test.grouped"
  static let version = 1
  var name: String

  func run(_ context: StageContext) async throws -> Number {
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<6 {
        group.addTask {
          Board.shared.count("run " + name)
          while Board.shared.get("let go " + name) == 0 { usleep(1000) }
        }
      }
    }
    return Number(1)
  }
}
