import Artifacts
import Executing
import Foundation
import Histories
import RetortTesting
import Storing
import Synchronization
import Testing

/// Random histories of pipelines, programs and files: every result is that of an evaluator without a cache, and exactly
/// that runs which was never computed.
@Suite struct WorldHistoryTests {
  /// What is left to do, and what went wrong in the first ones.
  private final class Work: Sendable {
    private let seeds: Range<Int>
    private let next: Mutex<Int>
    private let wrong = Mutex<[String]>([])

    init(_ seeds: Range<Int>) {
      self.seeds = seeds
      next = Mutex(seeds.lowerBound)
    }

    func seed() -> Int? {
      guard wrong.withLock({ $0.count < 20 }) else { return nil }
      let seed = next.withLock { next in
        defer { next += 1 }
        return next
      }
      return seeds.contains(seed) ? seed : nil
    }

    func note(_ problems: [String], of seed: Int) {
      wrong.withLock { $0 += problems.map { "seed \(seed): \($0)" } }
    }

    var problems: [String] { wrong.withLock { $0 } }
  }

  /// Runs the histories of some seeds, two at a time.
  private static func all(
    _ seeds: Range<Int>, _ history: @escaping @Sendable (Int) async throws -> [String]
  ) async throws {
    let work = Work(seeds)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<2 {
        group.addTask { while let seed = work.seed() { work.note(try await history(seed), of: seed) } }
      }
      try await group.waitForAll()
    }
    for problem in work.problems { Issue.record("\(problem)") }
  }

  /// 950 in CI, 95,000 in `make chaos`.
  @Test func inMemory() async throws {
    try await Self.all(0..<Chaos.count(950, chaos: 95_000)) { seed in
      let history = try History(seed, in: Self.scratch("memory-\(seed)"))
      defer { history.clean() }
      return try await history.play(in: MemoryStore())
    }
  }

  /// 50 in CI, 5,000 in `make chaos`: with collections, and crashes at any write.
  @Test func inCaches() async throws {
    try await Self.all(200_000..<(200_000 + Chaos.count(50, chaos: 5_000))) { seed in
      let history = try History(seed, in: Self.scratch("cache-\(seed)"))
      defer { history.clean() }
      return try await history.playInCache()
    }
  }

  /// What the histories stand on sees a stale hit, a needless run and a lost result.
  @Test func theLedgerIsStrict() async throws {
    let folder = try Self.scratch("strict")
    defer { try? Files.remove(folder) }
    var random = Dice(seed: 1)
    var world = World(count: 8, files: 2, in: folder, using: &random)
    try world.writeFiles()
    let store = MemoryStore()
    let first = try world.report(on: try await world.run(in: store, jobs: 2, threads: 2).summary, from: store)
    var ledger = Ledger()
    #expect(ledger.settle([first]).isEmpty)
    #expect(!ledger.settle([first]).isEmpty, "it ran again")
    let again = try world.report(on: try await world.run(in: store, jobs: 2, threads: 2).summary, from: store)
    #expect(ledger.settle([again]).isEmpty)
    var wrong = again
    wrong.values[try #require(again.values.keys.first)]?[0] += 1
    #expect(!ledger.settle([wrong]).isEmpty, "another value")
    world.versions = [2, 2, 2]
    var stale = again
    stale.world = world
    #expect(!ledger.settle([stale]).isEmpty, "cached though the versions are others")
  }

  private static func scratch(_ name: String) throws -> FilePath {
    let parent = FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
    let folder = FilePath(parent).appending("retort-history-\(name)-\(UUID().uuidString)")
    try Files.makeFolder(folder)
    return folder
  }
}

/// One history: a world, and what happens to it.
private final class History {
  private let folder: FilePath
  private var random: Dice
  private var world: World
  private var ledger = Ledger()

  init(_ seed: Int, in folder: FilePath) throws {
    self.folder = folder
    random = Dice(seed: seed)
    let files = folder.appending("files")
    try Files.makeFolder(files)
    world = World(count: Int.random(in: 4...9, using: &random), files: 2, in: files, using: &random)
    world.rerunsCode = Int.random(in: 0..<4, using: &random) == 0
    try world.writeFiles()
  }

  func clean() { try? Files.remove(folder) }

  private func edit(_ world: inout World) throws -> String {
    var words: [String] = []
    for _ in 0..<Int.random(in: 0...2, using: &random) {
      guard let edit = Edit.allCases.randomElement(using: &random) else { continue }
      try world.apply(edit, using: &random)
      words.append(edit.rawValue)
    }
    return words.joined(separator: ", ")
  }

  private func report(_ world: World, in store: any ArtifactStore) async throws -> Ledger.Report {
    let (_, summary) = try await world.run(
      in: store, jobs: Int.random(in: 1...4, using: &random), threads: Int.random(in: 1...3, using: &random))
    return try world.report(on: summary, from: store)
  }

  /// Runs the world in one store, and now and then another version of it beside.
  private func step(in store: any ArtifactStore, and other: any ArtifactStore) async throws -> [String] {
    let edits = try edit(&world)
    guard Int.random(in: 0..<5, using: &random) == 0 else {
      return ledger.settle([try await report(world, in: store)]).map { "after \(edits): \($0)" }
    }
    // A second program with other options, on the same files: files and code cannot be two things at once.
    var twin = world
    for edit in [Edit.factor, .value, .seed, .edge, .version, .add].shuffled(using: &random).prefix(2) {
      try twin.apply(edit, using: &random)
    }
    let (first, second) = (world, twin)
    async let one = first.run(in: store, jobs: 2, threads: 2).summary
    async let two = second.run(in: other, jobs: 2, threads: 2).summary
    let reports = try [first.report(on: await one, from: store), second.report(on: await two, from: other)]
    if Bool.random(using: &random) { world = twin }
    return ledger.settle(reports).map { "beside another run, after \(edits): \($0)" }
  }

  func play(in store: MemoryStore) async throws -> [String] {
    var problems: [String] = []
    for _ in 0..<Int.random(in: 3...6, using: &random) where problems.isEmpty {
      if Int.random(in: 0..<5, using: &random) == 0 {
        let edits = try edit(&world)
        let cut = PowerCut(after: Int.random(in: 0...20, using: &random))
        let finished = Finished()
        let summary = try? await world.run(
          in: cut.store(over: store), jobs: 2, threads: 2, events: EventBus([finished])
        ).summary
        if !cut.hasHappened, let summary {
          problems += ledger.settle([try world.report(on: summary, from: store)]).map { "after \(edits): \($0)" }
        } else {
          ledger.crash(of: world, finished: finished.labels)
        }
      } else {
        problems += try await step(in: store, and: store)
      }
    }
    return problems
  }

  func playInCache() async throws -> [String] {
    let root = folder.appending("cache")
    var caches = [try Cache(root, batch: 16), try Cache(root, batch: 16)]
    var problems: [String] = []
    for _ in 0..<Int.random(in: 4...8, using: &random) where problems.isEmpty {
      switch Int.random(in: 0..<10, using: &random) {
      case 0, 1:
        // All writes fail from one on, which is done by half: as if the process had died there.
        let edits = try edit(&world)
        let ordinal = Int.random(in: 1...80, using: &random)
        let fault = InjectedFault(at: ordinal, isLasting: true, .torn(.ioError))
        let finished = Finished()
        let dying = world
        let report = await InjectedFault.$current.withValue(fault) {
          () async -> Ledger.Report? in
          guard let cache = try? Cache(root),
            let summary = try? await dying.run(in: cache, jobs: 2, threads: 2, events: EventBus([finished])).summary
          else { return nil }
          return try? dying.report(on: summary, from: cache)
        }
        if fault.calls < ordinal, let report {
          problems += ledger.settle([report]).map { "after \(edits): \($0)" }
        } else {
          ledger.crash(of: world, finished: finished.labels)
        }
      case 2, 3:
        let count = Int.random(in: 1...2, using: &random)
        _ = try caches[0].gc(keeping: CollectionPolicy(runs: count))
        ledger.collect(keeping: count)
      case 4:
        caches = []
        caches = [try Cache(root, batch: 16), try Cache(root, batch: 16)]
      default: problems += try await step(in: caches[0], and: caches[1])
      }
    }
    if problems.isEmpty {
      let found = try caches[0].verify()
      if !found.isSound { problems.append("verify: \(found.problems) \(found.damaged)") }
      let before = try await report(world, in: caches[0])
      problems += ledger.settle([before])
    }
    return problems
  }
}
