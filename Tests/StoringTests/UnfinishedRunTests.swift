import Artifacts
import Testing

@testable import Storing

/// Collections beside and after runs that did not come to say how they ended: nothing that a next one would go on from is
/// lost.
@Suite struct UnfinishedRunTests {
  let scratch: Scratch
  var root: FilePath { scratch.path.appending("cache") }

  init() throws { scratch = try Scratch() }

  /// On a first run only the first step's key is known when it begins.
  private func begin(in cache: Cache) throws -> (made: [Key], student: Key) {
    let data = try recipe("data")
    let run = try cache.begin(
      ["data", "teacher", "student"].map {
        RunStep(label: $0, stage: trivial, key: $0 == "data" ? data.key : nil)
      })
    let made = try #require(try cache.publish(data, .value([1]), run: run).digest(port: ""))
    let teacher = try recipe("teacher", 0, inputs: [made])
    let model = try #require(try cache.publish(teacher, .value([2]), run: run).digest(port: ""))
    let student = try recipe("student", 0, inputs: [model])
    _ = try cache.beginAttempt(of: student.key, recipe: student, stage: trivial, label: "student", run: run)
    try Files.replace(cache.snapshotFile(of: student.key), with: [7])
    return ([data.key, teacher.key], student.key)
  }

  private func check(_ made: [Key], _ student: Key, _ hint: Comment) throws {
    let cache = try Cache(root)
    #expect(try cache.gc().executions == 0, hint)
    #expect(try cache.lookUp(made).count == made.count, hint)
    #expect(try Files.status(of: cache.snapshotFile(of: student)) != nil, hint)
  }

  @Test func resultsAndSnapshotsOfAKilledRunStay() throws {
    let (made, student): ([Key], Key)
    do {
      let cache = try Cache(root)
      (made, student) = try begin(in: cache)
      // A step that waits for its next attempt holds no lease.
      try check(made, student, "live")
    }
    #expect(try Cache(root).runs().map(\.outcome) == [.lost])
    try check(made, student, "lost")
    _ = try Cache.rebuildIndex(root)
    try check(made, student, "rebuilt")
    // A rule may let it go.
    let cache = try Cache(root)
    #expect(try cache.gc(keeping: .init(runs: 0)).executions == 2)
    #expect(try Files.namesIfThere(in: cache.layout.checkpoints).isEmpty)
  }

  /// What a run computed is its own also where no record pins it, as programs of old wrote them.
  @Test func resultsThatNothingPinsStay() throws {
    let made: [Key]
    do {
      let cache = try Cache(root)
      made = try begin(in: cache).made
      try cache.index.access { try $0.connection.execute("DELETE FROM pin") }
    }
    let cache = try Cache(root)
    #expect(try cache.gc().executions == 0)
    #expect(try cache.lookUp(made).count == 2)
    var policy = CollectionPolicy()
    policy.largestSize = 0
    #expect(try cache.gc(keeping: policy).executions == 2)
  }

  /// Pins cost one record a key, however often it is tried, and go when the run ends.
  @Test func pinsGoWithTheirRun() throws {
    let cache = try Cache(root)
    let (known, late) = (try recipe("known"), try recipe("late"))
    let steps = [
      RunStep(label: "known", stage: trivial, key: known.key), RunStep(label: "late", stage: trivial, key: nil),
    ]
    let run = try cache.begin(steps)
    for _ in 0..<3 {
      for made in [known, late] {
        try cache.beginAttempt(of: made.key, recipe: made, stage: trivial, label: "s", run: run).abandon()
      }
    }
    try cache.flush()
    #expect(try cache.index.access { try $0.pins(of: run) } == [late.key])
    try cache.finish(run, steps)
    #expect(try cache.index.access { try $0.pins(of: run) } == [])
  }

  /// Once a collection lets others go on, a new snapshot may come to the place of the one that it removes.
  @Test func snapshotsAreOutOfReachBeforeTheyAreDeleted() throws {
    let cache = try Cache(root)
    let key = try recipe("old").key
    let file = try cache.snapshotFile(of: key)
    try Files.replace(file, with: [7])
    let lease = try #require(try cache.lease(key))
    #expect(try cache.gc().checkpoints == 0)
    lease.release()
    #expect(try cache.gc(dryRun: true).checkpoints == 1)
    // The first removal fails: the collection got no further.
    let fault = InjectedFault(.remove, at: 1, .error(.ioError))
    InjectedFault.$current.withValue(fault) { #expect(throws: RetortError.self) { try cache.gc() } }
    #expect(try Files.status(of: file) == nil)
    _ = try cache.gc()
    #expect(try Files.namesIfThere(in: cache.layout.staging).isEmpty)
  }

  /// A plan asks in waves; a collection may come after the first.
  @Test func aRunDoesNotBeginWithWhatIsGone() throws {
    let (cache, other) = (try Cache(root), try Cache(root))
    let made = try recipe("made")
    let run = try other.begin()
    try other.publish(made, .value([1]), run: run)
    try other.finish(run)
    let hits = try cache.lookUp([made.key])
    #expect(hits.count == 1)
    #expect(try other.gc(keeping: .init(runs: 0)).executions == 1)
    #expect(try cache.lookUp([try recipe("below").key]).isEmpty)
    #expect { try cache.begin(hits: Array(hits.values)) } throws: { ($0 as? RetortError)?.code == "cache.collected" }
    // Looked up again, it is no hit, and the run begins; so does one with hits that are there.
    let again = try cache.begin()
    let execution = try cache.publish(made, .value([1]), run: again)
    #expect(try cache.begin(hits: [execution]).value == 3)
  }
}
