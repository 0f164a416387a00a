import Artifacts
import Foundation
import Synchronization
import Testing

@testable import Storing

/// What a process knows before its index does.
@Suite struct PendingTests {
  private func executed(_ name: String, run: RunID = RunID(1)) throws -> JournalRecord {
    let details = ExecutionDetails(startedAt: 1, seconds: 0, profile: profile)
    return .executed(
      ExecutionEntry(key: try recipe(name).key, stage: trivial, run: run, details: details, outputs: []))
  }

  private func ids(_ pending: Pending, _ name: String) throws -> [Int64]? {
    pending.executions(of: try recipe(name).key)?.map(\.id)
  }

  @Test func recordsAreSeenWhileAnotherThreadAppliesThem() throws {
    var pending = Pending(batch: 2)
    pending.add([try executed("a")], at: [0], endingAt: 10)
    #expect(!pending.isLarge && !pending.isEmpty)
    pending.add([try executed("b")], at: [10], endingAt: 20)
    #expect(pending.isLarge)
    let begun = pending.beginLeaving()
    let departure = try #require(begun)
    let another = pending.beginLeaving()
    #expect(another == nil && !pending.isLarge)
    pending.add([try executed("a")], at: [20], endingAt: 30)
    #expect(try ids(pending, "a") == [0, 20])
    #expect(try ids(pending, "b") == [10])
    pending.endLeaving(departure)
    #expect(try ids(pending, "a") == [20])
    #expect(try ids(pending, "b") == nil)
    #expect(pending.end == 30)
  }

  @Test func recordsThatCouldNotBeAppliedStayInTheirOrder() throws {
    var pending = Pending(batch: 3)
    pending.add([try executed("a"), try executed("b")], at: [0, 10], endingAt: 20)
    let begun = pending.beginLeaving()
    let departure = try #require(begun)
    pending.add([try executed("a")], at: [20], endingAt: 30)
    pending.cancelLeaving(departure)
    #expect(try ids(pending, "a") == [0, 20])
    #expect(pending.isLarge && pending.isOverdue)
    pending.cancelLeaving(departure)
    #expect(try ids(pending, "a") == [0, 20])
    // No thread tries again before a read has said what is wrong.
    let another = pending.beginLeaving()
    #expect(another == nil)
    pending.clear(upTo: JournalPosition(offset: 30, check: 0))
    #expect(!pending.isOverdue && pending.isEmpty)
  }

  /// Meanwhile another thread may have applied everything, and a third one have begun with what came then.
  @Test func threadThatIsLateEndsNothing() throws {
    var pending = Pending(batch: 1)
    pending.add([try executed("a")], at: [0], endingAt: 10)
    let begunLate = pending.beginLeaving()
    let late = try #require(begunLate)
    pending.clear(upTo: JournalPosition(offset: 10, check: 0))
    pending.add([try executed("b")], at: [10], endingAt: 20)
    let begun = pending.beginLeaving()
    let departure = try #require(begun)
    pending.endLeaving(late)
    pending.cancelLeaving(late)
    #expect(try ids(pending, "b") == [10])
    pending.endLeaving(departure)
    #expect(try ids(pending, "b") == nil)
  }

  /// What is known of the whole index holds only as long as nobody else has written to it.
  @Test func keysThatOthersMayHaveAddedAreSought() throws {
    let keys = try ["a", "b", "c"].map { try recipe($0).key }
    var pending = Pending()
    pending.clear(upTo: JournalPosition(offset: 32, check: 0))
    var look = pending.look(up: keys)
    #expect(look.keys == keys)
    pending.noteIndexed([keys[0]], after: look)
    #expect(pending.look(up: keys).keys == [keys[0]])
    // Its own result, before and after it is in the index.
    pending.add([try executed("b")], at: [32], endingAt: 50)
    #expect(pending.look(up: keys).keys == [keys[0], keys[1]])
    pending.clear(upTo: JournalPosition(offset: 50, check: 0))
    #expect(pending.look(up: keys).keys == [keys[0], keys[1]])
    // A look that began before the index changed tells nothing any more.
    look = pending.look(up: keys)
    pending.clear(upTo: JournalPosition(offset: 70, check: 0))
    #expect(pending.look(up: keys).keys == keys)
    pending.noteIndexed([], after: look)
    #expect(pending.look(up: keys).keys == keys)
  }

  /// What is appended while it is at work may be taken back, where the disk does not take it.
  @Test func indexFollowsNoFurtherThanItIsTold() throws {
    let scratch = try Scratch()
    let cache = try Cache(scratch.path.appending("cache"))
    let run = try cache.begin()
    try cache.publish(try recipe("a"), .value([1]), run: run)
    let early = cache.writer.withLock { $0.journal }
    try cache.publish(try recipe("b"), .value([2]), run: run)
    let late = cache.writer.withLock { $0.journal }
    #expect(try cache.index.catchUp(with: late, upTo: early.end.offset).position == early.end)
    #expect(try cache.index.catchUp(with: late, upTo: 40).position == early.end)
    #expect(try cache.index.catchUp(with: late).position == late.end)
  }

  @Test func threadGoesAsFarAsTheJournalWasWholeWhenItBegan() throws {
    let scratch = try Scratch()
    let cache = try Cache(scratch.path.appending("cache"), batch: 4)
    let run = try cache.begin()
    try cache.flush()
    let start = cache.writer.withLock { $0.journal.end }
    // The thread waits for its turn at the index meanwhile.
    let begun = try cache.index.access { _ in
      try cache.publish(try recipe("a"), .value([1]), run: run)
      let begun = cache.writer.withLock { $0.journal.end }
      try cache.publish(try recipe("b"), .value([2]), run: run)
      return begun
    }
    var position = start
    for _ in 0..<500 where position == start {
      usleep(10_000)
      position = try #require(try cache.index.access { try $0.state() }).position
    }
    #expect(position == begun)
    #expect(try cache.lookUp([recipe("a").key, recipe("b").key]).count == 2)
  }

  @Test func indexThatCannotFollowIsNamedByTheNextRead() throws {
    let scratch = try Scratch()
    let cache = try Cache(scratch.path.appending("cache"), batch: 4)
    let run = try cache.begin()
    // From now on it knows which keys are there, and asks the index for no other.
    #expect(try cache.lookUp([try recipe("b").key]).isEmpty)
    try cache.index.closeCleanly()
    #expect(try cache.lookUp([try recipe("c").key]).isEmpty)
    for number in 0..<20 { try cache.publish(try recipe("a", number), .value([1]), run: run) }
    for _ in 0..<500 where !cache.pending.withLock({ $0.isOverdue }) { usleep(10_000) }
    let error = #expect(throws: RetortError.self) { try cache.lookUp([try recipe("d").key]) }
    #expect(error?.message.contains("index") == true)
    #expect(try Cache(scratch.path.appending("cache")).lookUp([try recipe("a", 19).key]).count == 1)
  }

  /// A collection of another process may have been killed before the index heard of it.
  @Test func forgottenContentIsRecordedAgain() throws {
    let scratch = try Scratch()
    let cache = try Cache(scratch.path.appending("cache"))
    let run = try cache.begin()
    let bytes = [UInt8](repeating: 7, count: 1_000)
    let made = try cache.publish(try recipe("a"), .value(bytes), run: run)
    let digest = try #require(made.digest(port: ""))
    try cache.flush()
    let other = try Cache(scratch.path.appending("cache"))
    _ = try other.append(isDurable: false) { _, _ in
      [.forgotten([ExecutionName(key: made.key, id: made.id)], contents: [digest])]
    }
    try cache.publish(try recipe("b"), .value(bytes), run: run)
    #expect(try Cache(scratch.path.appending("cache")).content(of: digest) == .value(bytes))
  }

  /// Threads publish and look up at once, while the index is written behind them every few records.
  @Test func everyResultIsFoundWhileTheIndexIsWritten() throws {
    let scratch = try Scratch()
    let root = scratch.path.appending("cache")
    let (threads, count) = (4, 100)
    let published = Mutex<[Recipe: Execution]>([:])
    do {
      let cache = try Cache(root, batch: 8)
      let run = try cache.begin()
      DispatchQueue.concurrentPerform(iterations: threads) { thread in
        do {
          for number in 0..<count {
            let made = try recipe("value \(thread)", number)
            #expect(try cache.lookUp([made.key]).isEmpty)
            let bytes = Array("\(thread) \(number % 10)".utf8)
            let execution = try cache.publish(made, .value(bytes), run: run)
            let other = published.withLock { known in
              defer { known[made] = execution }
              return known.randomElement()
            }
            #expect(try cache.lookUp([made.key], for: run) == [made.key: execution])
            #expect(try cache.content(of: #require(execution.digest(port: ""))) == .value(bytes))
            guard let other else { continue }
            #expect(try cache.lookUp([other.key.key]) == [other.key.key: other.value])
            #expect(try cache.recipe(of: other.key.key) == other.key)
          }
        } catch { Issue.record(error) }
      }
      try cache.finish(run, ran: threads * count)
    }
    let cache = try Cache(root)
    let all = published.withLock { $0 }
    #expect(all.count == threads * count)
    #expect(try cache.lookUp(all.keys.map(\.key)) == Dictionary(uniqueKeysWithValues: all.map { ($0.key, $1) }))
    #expect(try cache.verify().isSound)
  }

  /// Two programs publish in turn, and each finds what the other did, whether the other one has applied it or not.
  @Test func resultsOfAnotherProgramAreFoundAtOnce() throws {
    let scratch = try Scratch()
    let root = scratch.path.appending("cache")
    let caches = [try Cache(root, batch: 5), try Cache(root, batch: 7)]
    let runs = try caches.map { try $0.begin() }
    var dice = SplitMix(state: 11)
    var published: [Key: Int64] = [:]
    for _ in 0..<400 {
      let (who, asks) = (Int(dice.next() % 2), Int(dice.next() % 2))
      let made = try recipe("shared", Int(dice.next() % 300))
      if published[made.key] == nil, dice.next() % 3 > 0 {
        published[made.key] = try caches[who].publish(made, .value([1]), run: runs[who]).id
      }
      if dice.next() % 10 == 0 { try caches[who].flush() }
      #expect(try caches[asks].lookUp([made.key])[made.key]?.id == published[made.key])
    }
  }
}

private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
