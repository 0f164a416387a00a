import Artifacts
import Foundation
import Testing

@testable import Storing

/// Real processes, really killed: what was published stays, nothing is half there, and the next run goes on.
@Suite(.serialized) struct CrashTests {
  let scratch: Scratch
  var root: FilePath { scratch.path.appending("cache") }
  static let count = 6

  init() throws { scratch = try Scratch() }

  /// What an undisturbed run says.
  private static let calm = Result {
    let scratch = try Scratch()
    let outcome = try ProbeProcess.run(
      ["write", scratch.path.appending("calm").string, "\(count)"], in: scratch.path)
    return outcome.lines.filter { $0.hasPrefix("published") }
  }

  /// Opens what a killed process left, and compares it with what the process said was certain.
  private func check(_ killed: ProbeProcess.Outcome, against calm: [String], _ hint: Comment) throws {
    do {
      let cache = try Cache(root)
      let report = try cache.verify()
      #expect(report.isSound, hint)
      #expect(try cache.runs().allSatisfy { $0.outcome != .running }, hint)
    }
    let again = try ProbeProcess.run(["write", root.string, "\(Self.count)"], in: scratch.path)
    #expect(again.status == 0, hint)
    // Everything that was certain is a hit now, and all digests are those of the calm run.
    #expect(Set(killed.numbers("published")).isSubset(of: again.numbers("cached")), hint)
    let digests = again.lines.filter { !$0.hasPrefix("finished") }.map { $0.split(separator: " ").dropFirst().joined() }
    #expect(digests == calm.map { $0.split(separator: " ").dropFirst().joined() }, hint)
    let cache = try Cache(root)
    _ = try cache.gc()
    #expect(try Files.namesIfThere(in: cache.layout.staging).isEmpty, hint)
    #expect(try cache.verify().isSound, hint)
    #expect(try cache.verify().orphans == 0, hint)
  }

  @Test(arguments: [
    "publication.staged:2", "object.rename:1", "object.rename:3", "object.renamed:2", "journal.append:1",
    "journal.append:6", "journal.appended:2", "journal.appended:9", "index.commit:1", "index.committed:1",
  ])
  func killedAtNamedPoint(point: String) throws {
    let calm = try Self.calm.get()
    let killed = try ProbeProcess.run(
      ["write", root.string, "\(Self.count)"], environment: ["RETORT_KILL_AT": point], in: scratch.path)
    #expect(killed.wasKilled)
    try check(killed, against: calm, "\(point)")
  }

  /// Every call that changes the disk is an instant to die at, a write in its middle. CI takes every thirteenth.
  @Test func killedAtCallsThatChangeTheDisk() throws {
    let calm = try Self.calm.get()
    let stride = ProcessInfo.processInfo.environment["RETORT_CHAOS"] == nil ? 13 : 1
    var ordinal = 1
    while true {
      try Files.remove(root)
      let killed = try ProbeProcess.run(
        ["write", root.string, "\(Self.count)"], environment: ["RETORT_FAULT": "any:\(ordinal):KILL"], in: scratch.path)
      guard killed.wasKilled else {
        #expect(killed.status == 0)
        break
      }
      try check(killed, against: calm, "call \(ordinal)")
      ordinal += stride
    }
    #expect(ordinal > 50)
  }

  @Test(arguments: ["collection.record:1", "collection.move:1", "collection.move:2", "journal.appended:1"])
  func killedInCollection(point: String) throws {
    _ = try ProbeProcess.run(["write", root.string, "6"], in: scratch.path)
    // A run of two steps only: the other four go.
    _ = try ProbeProcess.run(["write", root.string, "2"], in: scratch.path)
    let killed = try ProbeProcess.run(["gc", root.string], environment: ["RETORT_KILL_AT": point], in: scratch.path)
    #expect(killed.wasKilled)
    let cache = try Cache(root)
    #expect(try cache.verify().isSound)
    _ = try cache.gc(keeping: .init(runs: 1))
    let keys = try (0..<6).map { try recipeOfProbe($0).key }
    #expect(try Set(cache.executions(of: keys, preferring: .unknown, pinnedBy: nil).keys) == Set(keys[..<2]))
    #expect(try cache.verify().orphans == 0)
    #expect(try Files.namesIfThere(in: cache.layout.staging).isEmpty)
  }

  @Test func leaseAndRunEndWithTheirProcess() throws {
    let cache = try Cache(root)
    let key = try recipeOfProbe(1).key
    let holder = try ProbeProcess(["hold", root.string, "1"], in: scratch.path)
    while try !holder.lines.contains("held") { usleep(1000) }
    #expect(try cache.lease(key) == nil)
    holder.kill()
    _ = try holder.wait()
    let lease = try #require(try cache.lease(key))
    // Within one process, too, a lease excludes.
    #expect(try cache.lease(key) == nil)
    lease.release()
    #expect(try cache.lease(key) != nil)
  }

  @Test func eightProcessesComputeEachKeyOnce() throws {
    let racers = try (0..<8).map { _ in try ProbeProcess(["race", root.string, "40"], in: scratch.path) }
    let outcomes = try racers.map { try $0.wait() }
    #expect(outcomes.allSatisfy { $0.status == 0 && $0.lines.last == "finished" })
    #expect(outcomes.flatMap { $0.numbers("computed") }.sorted() == Array(0..<40))
    #expect(try Cache(root).verify().isSound)
  }

  @Test func racersSurviveTheDeathOfOthers() throws {
    let doomed = try (0..<3).map { number in
      try ProbeProcess(
        ["race", root.string, "40"], environment: ["RETORT_FAULT": "any:\(20 + 31 * number):KILL"], in: scratch.path)
    }
    let others = try (0..<3).map { _ in try ProbeProcess(["race", root.string, "40"], in: scratch.path) }
    let dead = try doomed.map { try $0.wait() }
    #expect(dead.contains { $0.wasKilled })
    let outcomes = try others.map { try $0.wait() }
    #expect(outcomes.allSatisfy { $0.status == 0 })
    let cache = try Cache(root)
    let keys = try (0..<40).map { try recipeOfProbe($0).key }
    #expect(try cache.executions(of: keys, preferring: .unknown, pinnedBy: nil).count == 40)
    // One record a key: a killed process may have published without saying so.
    #expect(try keys.allSatisfy { try cache.history(of: $0).count == 1 })
    #expect(try cache.verify().isSound)
  }

  /// Under `RETORT_CHAOS` 16 processes want 2,000 keys; whoever is killed is followed by another.
  @Test func whoDiesIsFollowedByAnother() throws {
    let isChaos = ProcessInfo.processInfo.environment["RETORT_CHAOS"] != nil
    let (count, processes, deaths) = isChaos ? (2_000, 16, 400) : (60, 4, 8)
    func start() throws -> ProbeProcess { try ProbeProcess(["race", root.string, "\(count)"], in: scratch.path) }
    var racers = try (0..<processes).map { _ in try start() }
    var random = SeededRandom(seed: 16)
    var ended: [ProbeProcess.Outcome] = []
    var kills = 0
    while kills < deaths, racers.contains(where: \.isRunning) {
      usleep(UInt32.random(in: 500...(isChaos ? 8_000 : 60_000), using: &random))
      let victim = Int.random(in: 0..<racers.count, using: &random)
      guard racers[victim].isRunning else { continue }
      racers[victim].kill()
      ended.append(try racers[victim].wait())
      kills += 1
      racers[victim] = try start()
    }
    ended += try racers.map { try $0.wait() }
    for outcome in ended where !outcome.wasKilled {
      #expect(outcome.status == 0 && outcome.lines.last == "finished", "\(outcome.lines.suffix(3))")
    }
    #expect(ended.allSatisfy { !$0.lines.contains { $0.hasPrefix("error") } })
    // How many die depends on how soon the work is done.
    #expect(ended.count { $0.wasKilled } >= min(deaths / 4, 20))
    print("\(processes) processes, \(count) keys: \(ended.count { $0.wasKilled }) killed")
    let cache = try Cache(root)
    let keys = try (0..<count).map { try recipeOfProbe($0).key }
    #expect(try cache.executions(of: keys, preferring: .unknown, pinnedBy: nil).count == count)
    #expect(try keys.allSatisfy { try cache.history(of: $0).count == 1 })
    // What was said to be computed was computed by one alone.
    let said = ended.flatMap { $0.numbers("computed") }
    #expect(Set(said).count == said.count)
    #expect(try cache.verify().isSound)
    _ = try cache.gc()
    #expect(try cache.verify().orphans == 0)
    #expect(try Files.namesIfThere(in: cache.layout.staging).isEmpty)
  }
}

/// The recipe of `ProbeWork`, written a second time.
func recipeOfProbe(_ number: Int) throws -> Recipe {
  let template = try RecipeTemplate(stage: "test.probe", version: 1, options: ["number": number], defaultSeed: 0)
  return try #require(template.filled { _ in nil })
}
