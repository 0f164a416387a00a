import Artifacts
import Foundation
import Testing

@testable import Storing

/// Random histories against a dictionary: publications, runs, collections, reopenings.
@Suite struct HistoryTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// What a cache should know, kept the simplest way.
  struct Model {
    var results: [Key: [UInt8]] = [:]
    /// Keys of the steps of finished runs, oldest first.
    var finished: [Set<Key>] = []
    /// Keys of the runs that are going on.
    var live: [RunID: Set<Key>] = [:]
  }

  @Test(arguments: 0..<8)
  func randomHistory(seed: Int) throws {
    var random = SeededRandom(seed: UInt64(seed))
    let root = scratch.path.appending("cache-\(seed)")
    var caches = [try Cache(root), try Cache(root)]
    var model = Model()
    let recipes = try (0..<15).map { try recipe("history", $0) }
    for step in 0..<120 {
      let which = Int.random(in: 0..<2, using: &random)
      let cache = caches[which]
      let made = try #require(recipes.randomElement(using: &random))
      let hint: Comment = "seed \(seed), step \(step)"
      switch Int.random(in: 0..<12, using: &random) {
      case 0..<4:
        guard let run = model.live.keys.sorted().randomElement(using: &random) else { continue }
        // Both objects may serve any run: its lock is held by the one that began it.
        let size = [3, 200, 66_000].randomElement(using: &random) ?? 3
        let bytes = model.results[made.key] ?? (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
        try cache.publish(made, .value(bytes), run: run)
        model.results[made.key] = bytes
        model.live[run]?.insert(made.key)
      case 4..<7:
        let keys = Array(recipes.map(\.key).shuffled(using: &random).prefix(6))
        try compare(cache, keys, model, hint)
      case 7:
        let keys = Set(recipes.map(\.key).filter { model.results[$0] != nil }.prefix(4))
        let steps = keys.sorted().map { RunStep(label: $0.digest.short, stage: trivial, key: $0) }
        let run = try cache.begin(steps)
        model.live[run] = keys
      case 8:
        guard let (run, keys) = model.live.min(by: { $0.key < $1.key }) else { continue }
        let steps = keys.sorted().map { RunStep(label: $0.digest.short, stage: trivial, key: $0) }
        // Only the object that began a run holds its lock; finishing through the other is what a test of one process can do.
        for other in caches { try? other.finish(run, steps) }
        model.live[run] = nil
        model.finished.append(keys)
      case 9:
        let report = try cache.gc(keeping: .init(runs: 2))
        let kept = model.finished.suffix(2).reduce(Set<Key>()) { $0.union($1) }
          .union(model.live.values.reduce(Set<Key>()) { $0.union($1) })
        let gone = model.results.keys.filter { !kept.contains($0) }
        for key in gone { model.results[key] = nil }
        #expect(report.executions >= gone.count, hint)
        #expect(try cache.gc(keeping: .init(runs: 2)).executions == 0, hint)
      case 10 where model.live.isEmpty:
        caches[which] = try Cache(root)
      case 11 where step % 3 == 0:
        #expect(try cache.verify().isSound, hint)
      default: try cache.flush()
      }
    }
    let all = recipes.map(\.key)
    for cache in caches { try compare(cache, all, model, "seed \(seed), end") }
    caches = []
    _ = try Cache.rebuildIndex(root)
    let rebuilt = try Cache(root)
    try compare(rebuilt, all, model, "seed \(seed), rebuilt")
    #expect(try rebuilt.verify().isSound)
  }

  private func compare(_ cache: Cache, _ keys: [Key], _ model: Model, _ hint: Comment) throws {
    let found = try cache.lookUp(keys)
    for key in keys {
      guard let bytes = model.results[key] else {
        #expect(found[key] == nil, hint)
        continue
      }
      let execution = try #require(found[key], hint)
      #expect(try cache.content(of: try #require(execution.digest(port: ""))) == .value(bytes), hint)
    }
  }

  /// A collection beside threads that publish and look up: what a live run found or made stays.
  @Test func collectionBesidePublications() async throws {
    let root = scratch.path.appending("race")
    let opener = try Cache(root)
    _ = opener
    try await withThrowingTaskGroup(of: Void.self) { group in
      for worker in 0..<3 {
        group.addTask {
          let cache = try Cache(root)
          for round in 0..<6 {
            let run = try cache.begin()
            var mine: [Key: [UInt8]] = [:]
            for number in 0..<5 {
              let made = try recipe("race-\(worker % 2)", number + round % 2)
              let bytes = [UInt8](repeating: UInt8(number + round % 2), count: 70_000)
              if try cache.lookUp([made.key], for: run).isEmpty { try cache.publish(made, .value(bytes), run: run) }
              mine[made.key] = bytes
            }
            for (key, bytes) in mine {
              let execution = try #require(try cache.lookUp([key])[key])
              #expect(try cache.content(of: try #require(execution.digest(port: ""))) == .value(bytes))
            }
            try cache.finish(run)
          }
        }
      }
      group.addTask {
        let cache = try Cache(root)
        for _ in 0..<25 {
          _ = try cache.gc(keeping: .init(runs: 0))
          await Task.yield()
        }
      }
      try await group.waitForAll()
    }
    let cache = try Cache(root)
    #expect(try cache.verify().isSound)
    _ = try cache.gc(keeping: .init(runs: 0))
    #expect(try cache.verify().artifacts == 0)
    for folder in try Files.names(in: cache.layout.objects) {
      #expect(try Files.names(in: cache.layout.objects.appending(folder)).isEmpty)
    }
  }
}
