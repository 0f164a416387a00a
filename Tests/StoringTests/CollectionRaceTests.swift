import Artifacts
import Foundation
import Synchronization
import Testing

@testable import Storing

/// Collections beside runs that look up, publish and read, with pauses that a seed decides: nothing that a run can reach
/// is lost, and what nothing reaches goes in the end.
@Suite struct CollectionRaceTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// 150 schedules in CI, 10,000 under `RETORT_CHAOS`; some share a cache, so that there is something to collect.
  @Test func schedules() throws {
    let count = ProcessInfo.processInfo.environment["RETORT_CHAOS"] == nil ? 150 : 10_000
    var collected = 0
    for group in 0..<(count / 25) {
      let root = scratch.path.appending("cache-\(group)")
      for seed in group * 25..<(group + 1) * 25 { collected += try Self.schedule(seed, in: root) }
      let cache = try Cache(root)
      #expect(try cache.verify().isSound, "group \(group)")
      _ = try cache.gc(keeping: .init(runs: 0))
      let rest = try cache.verify()
      #expect(rest.artifacts == 0 && rest.orphans == 0, "group \(group)")
      #expect(try Files.namesIfThere(in: cache.layout.staging).isEmpty, "group \(group)")
      try Files.remove(root)
    }
    #expect(collected > count / 4)
  }

  /// Two runs and a collector at once. Returns how many executions went.
  private static func schedule(_ seed: Int, in root: FilePath) throws -> Int {
    let collected = Mutex(0)
    try together([
      { try run(seed, 0, in: root) },
      { try run(seed, 1, in: root) },
      {
        var random = SeededRandom(seed: UInt64(seed) &* 3 &+ 2)
        let cache = try Cache(root)
        for _ in 0..<Int.random(in: 1...4, using: &random) {
          pause(&random)
          let report = try cache.gc(keeping: .init(runs: Int.random(in: 0...1, using: &random)))
          collected.withLock { $0 += report.executions }
        }
      },
    ])
    return collected.withLock { $0 }
  }

  private static func run(_ seed: Int, _ number: Int, in root: FilePath) throws {
    var random = SeededRandom(seed: UInt64(seed) &* 3 &+ UInt64(number))
    let cache = try Cache(root)
    let works = Array((0..<6).shuffled(using: &random).prefix(4))
    let recipes = try works.map { try recipe("race", $0) }
    // As a plan does: looked up before the run begins, and taken over with it.
    var run: RunID?
    for _ in 0..<20 where run == nil {
      let hits = try cache.lookUp(recipes.map(\.key))
      pause(&random)
      let steps = recipes.map { RunStep(label: $0.key.digest.short, stage: trivial, key: $0.key) }
      do {
        run = try cache.begin(Bool.random(using: &random) ? steps : [], hits: Array(hits.values))
      } catch let error as RetortError where error.code == "cache.collected" {}
    }
    let live = try #require(run)
    for (work, made) in zip(works, recipes) {
      pause(&random)
      var isThere = try cache.lookUp([made.key], for: live)[made.key] != nil
      while !isThere {
        guard let lease = try cache.lease(made.key) else {
          usleep(100)
          isThere = try cache.lookUp([made.key], for: live)[made.key] != nil
          continue
        }
        defer { lease.release() }
        if try cache.lookUp([made.key], for: live)[made.key] == nil { try publish(work, made, cache, live, &random) }
        isThere = true
      }
    }
    pause(&random)
    try check(works, recipes, cache, "seed \(seed), run \(number)")
    if Int.random(in: 0..<4, using: &random) > 0 {
      try cache.finish(live, recipes.map { RunStep(label: $0.key.digest.short, stage: trivial, key: $0.key) })
      return
    }
    // It ends without a word; until then it lives.
    try check(works, recipes, cache, "seed \(seed), run \(number), at its end")
  }

  private static func publish(
    _ work: Int, _ made: Recipe, _ cache: Cache, _ run: RunID, _ random: inout SeededRandom
  ) throws {
    let attempt = try cache.beginAttempt(of: made.key, recipe: made, stage: trivial, label: "race", run: run)
    let content: Content
    if work % 3 == 2 {
      let folder = try attempt.folder.appending("out")
      try Files.makeFolder(folder)
      try Files.replace(folder.appending("file"), with: bytes(of: work), isDurable: false)
      content = .folder(folder)
    } else {
      content = .value(bytes(of: work))
    }
    pause(&random)
    _ = try attempt.publish(
      [OutputPart(port: "", kind: "k", content: content, facts: .unknown)],
      details: ExecutionDetails(startedAt: 0, seconds: 0, profile: profile))
  }

  /// Two works of each form; those of one form have the same bytes, so that they share an object.
  private static func bytes(of work: Int) -> [UInt8] {
    Array(repeating: UInt8(work % 3), count: work % 3 == 1 ? 66_000 : 40)
  }

  private static func check(_ works: [Int], _ recipes: [Recipe], _ cache: Cache, _ hint: Comment) throws {
    let found = try cache.lookUp(recipes.map(\.key))
    for (work, made) in zip(works, recipes) {
      let execution = try #require(found[made.key], hint)
      switch try cache.content(of: try #require(execution.digest(port: ""), hint)) {
      case .value(let value): #expect(value == bytes(of: work), hint)
      case .folder(let folder): #expect(try Files.read(folder.appending("file")) == bytes(of: work), hint)
      }
    }
  }

  private static func pause(_ random: inout SeededRandom) {
    let length = Int.random(in: 0..<8, using: &random)
    if length > 3 { usleep(UInt32(length * 60)) }
  }

  /// Does all at once, each on a thread of its own, and throws the first error.
  private static func together(_ bodies: [@Sendable () throws -> Void]) throws {
    let failure = Mutex<(any Error)?>(nil)
    let done = DispatchSemaphore(value: 0)
    for body in bodies {
      Thread.detachNewThread {
        do { try body() } catch { failure.withLock { $0 = $0 ?? error } }
        done.signal()
      }
    }
    for _ in bodies { done.wait() }
    if let error = failure.withLock({ $0 }) { throw error }
  }
}
