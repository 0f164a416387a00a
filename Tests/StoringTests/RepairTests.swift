import Artifacts
import Foundation
import Testing

@testable import Storing

/// What a repair of the journal costs, by the record that was damaged.
@Suite struct RepairTests {
  let scratch: Scratch
  let root: FilePath
  var layout: CacheLayout { CacheLayout(root: root) }

  init() throws {
    scratch = try Scratch()
    root = scratch.path.appending("cache")
  }

  /// Damages the records that are chosen, and returns how many there were.
  private func damage(_ isChosen: (JournalRecord) -> Bool) throws -> Int {
    let journal = try #require(try Journal(layout.journal, makes: false))
    var ends: [Int64] = []
    _ = try journal.read(from: journal.start) { _, next, payload in
      if isChosen(try JournalRecord(payload)) { ends.append(next.offset) }
    }
    var bytes = try Files.read(layout.journal)
    for end in ends { bytes[Int(end) - 1] ^= 1 }
    try Files.replace(layout.journal, with: bytes)
    return ends.count
  }

  /// Two steps, of which the second one's key is known once the first has run.
  private func run(in cache: Cache) throws -> [RunStep] {
    let first = try recipe("first")
    let begun = [
      RunStep(label: "first", stage: trivial, key: first.key), RunStep(label: "second", stage: trivial, key: nil),
    ]
    let run = try cache.begin(begun)
    let made = try cache.publish(first, .value([1]), run: run)
    let second = try recipe("second", 0, inputs: [try #require(made.digest(port: ""))])
    try cache.publish(second, .value([2]), run: run)
    let ended = [begun[0], RunStep(label: "second", stage: trivial, key: second.key, outcome: .ran)]
    try cache.finish(run, ended, ran: 2)
    return ended
  }

  @Test(arguments: [true, false]) func lostStepsCostNoResult(losesAll: Bool) throws {
    let steps = try run(in: Cache(root))
    let begun = Digest(of: StepsCoding.encode(steps.dropLast() + [RunStep(label: "second", stage: trivial, key: nil)]))
    let count = try damage { if case .steps(let digest, _) = $0 { losesAll || digest != begun } else { false } }
    #expect(count == (losesAll ? 2 : 1))
    #expect(try Cache.rebuildIndex(root).lostBytes > 0)
    let cache = try Cache(root)
    #expect(try cache.steps(of: RunID(1)).map(\.label) == (losesAll ? [] : ["first", "second"]))
    #expect(try cache.previousSteps(of: "test", before: nil).count == (losesAll ? 0 : 2))
    // What it used is not known, what it computed is; it stands for no other run.
    _ = try cache.gc(keeping: .init(runs: 1))
    #expect(try cache.lookUp(steps.compactMap(\.key)).count == 2)
    #expect(try cache.verify().isSound)
    // The next run records its steps again.
    try cache.finish(try cache.begin(steps), steps)
    #expect(try cache.steps(of: RunID(2)) == steps && cache.verify().isSound)
  }

  /// A run that took everything from an earlier one and lost its steps must not let that go.
  @Test func aRunWithoutStepsStandsForNoOther() throws {
    let cached: [RunStep]
    do {
      let cache = try Cache(root)
      cached = try run(in: cache).map { RunStep(label: $0.label, stage: trivial, key: $0.key, outcome: .cached) }
      let second = try cache.begin(cached)
      try cache.finishRun(second, outcome: .succeeded, steps: cached, ran: 0, cached: 2, failed: 0)
    }
    let lost = Digest(of: StepsCoding.encode(cached))
    #expect(try damage { if case .steps(let digest, _) = $0 { digest == lost } else { false } } == 1)
    _ = try Cache.rebuildIndex(root)
    let cache = try Cache(root)
    _ = try cache.gc(keeping: .init(runs: 1))
    #expect(try cache.lookUp(cached.compactMap(\.key)).count == 2)
  }

  /// An audit took a result back; the record of it is damaged, its note is not.
  @Test func whatWasWithdrawnStaysWithdrawn() throws {
    let keys: [Key]
    do {
      let cache = try Cache(root)
      keys = try run(in: cache).compactMap(\.key)
      let wrong = try #require(try cache.lookUp(keys)[keys[1]])
      try cache.withdraw(wrong, Withdrawal(of: wrong, label: "second", computed: [:], at: 1))
    }
    #expect(try damage { if case .forgotten = $0 { true } else { false } } == 1)
    let report = try Cache.rebuildIndex(root)
    #expect(report.forgotten == 1 && report.executions == 1 && !report.isLossless)
    #expect(try Set(Cache(root).lookUp(keys).keys) == [keys[0]])
  }

  /// What is replaced while a process waits for it is opened as it is then: else all that it wrote would be lost.
  @Test func whoOpensDuringARepairWritesToTheNewJournal() throws {
    _ = try run(in: Cache(root))
    let late = try recipe("late")
    var alone = try ByteLock.attempt(.exclusive, of: layout.locks, at: LockByte.rebuild)
    #expect(alone != nil)
    let done = DispatchSemaphore(value: 0)
    Thread.detachNewThread { [root] in
      do {
        let cache = try Cache(root)
        try cache.publish(late, .value([3]), run: try cache.begin())
      } catch { Issue.record(error) }
      done.signal()
    }
    usleep(50_000)
    try Files.replace(layout.journal, with: try Files.read(layout.journal))
    alone = nil
    done.wait()
    #expect(try Cache(root).lookUp([late.key]).count == 1)
  }
}
