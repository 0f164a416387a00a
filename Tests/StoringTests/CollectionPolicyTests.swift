import Artifacts
import Testing

@testable import Storing

/// What each rule of a collection keeps: four runs of one pipeline, each with a value of 100,000 bytes of its own and one that all
/// share.
struct CollectionPolicyTests {
  private let scratch: Scratch
  private let cache: Cache
  private let own: [Recipe]
  private let shared: Recipe

  init() throws {
    scratch = try Scratch()
    cache = try Cache(scratch.path.appending("cache"))
    own = try (1...4).map { try recipe("own", $0) }
    shared = try recipe("shared")
    for number in 1...4 {
      let steps = [own[number - 1], shared].map { RunStep(label: "s", stage: trivial, key: $0.key) }
      let run = try cache.beginRun(
        RunRequest(
          pipeline: "test", arguments: [], options: [:], startedAt: Double(number) * 1_000, profile: profile),
        steps: steps, hits: [])
      if number == 1 { try cache.publish(shared, Self.value(0), run: run, seconds: 100) }
      try cache.publish(own[number - 1], Self.value(UInt8(number)), run: run, seconds: Double(number))
      try cache.finish(run, steps)
    }
  }

  private static func value(_ byte: UInt8) -> Content { .value([UInt8](repeating: byte, count: 100_000)) }

  /// The numbers of the own values that are left, and whether the shared one is.
  private func kept(_ policy: CollectionPolicy) throws -> (own: [Int], shared: Bool, report: CollectionReport) {
    let promised = try cache.gc(dryRun: true, keeping: policy)
    var report = try cache.gc(keeping: policy)
    #expect(!report.isDryRun && promised.isDryRun)
    report.isDryRun = true
    #expect(promised == report)
    let left = try cache.lookUp((own + [shared]).map(\.key))
    #expect(try cache.verify().isSound)
    return ((1...4).filter { left[own[$0 - 1].key] != nil }, left[shared.key] != nil, report)
  }

  @Test func byRuns() throws {
    let (own, shared, report) = try kept(CollectionPolicy(runs: 1))
    #expect(own == [4] && shared)
    #expect(report.executions == 3 && report.artifacts == 3 && report.bytes >= 300_000)
    #expect(report.costs == [.init(stage: trivial.id, executions: 3, seconds: 6, bytes: 300_000)])
    #expect(report.seconds == 6)
  }

  @Test func byAge() throws {
    var policy = CollectionPolicy(runs: 0)
    policy.since = 2_500
    #expect(try kept(policy).own == [3, 4])
  }

  @Test func byRun() throws {
    var policy = CollectionPolicy()
    policy.forgottenRuns = [RunID(2), RunID(4)]
    let (own, shared, _) = try kept(policy)
    #expect(own == [1, 3] && shared)
  }

  /// The two that were used longest ago go; what every run used was used just now.
  @Test func bySize() throws {
    var policy = CollectionPolicy()
    policy.largestSize = 350_000
    let (own, shared, _) = try kept(policy)
    #expect(own == [3, 4] && shared)
    policy.largestSize = 0
    #expect(try kept(policy).own == [])
  }

  @Test func roots() throws {
    let digest = try #require(try cache.lookUp([own[1].key])[own[1].key]?.digest(port: ""))
    // What was made of it goes, it stays with what it was made from.
    let (base, child) = (try recipe("base"), try recipe("child", inputs: [digest]))
    let run = try cache.begin()
    let source = try cache.publish(base, .value([1]), run: run)
    let attempt = try cache.beginAttempt(of: child.key, recipe: child, stage: trivial, label: "c", run: run)
    var details = ExecutionDetails(startedAt: 1, seconds: 1, profile: profile)
    let middle = try #require(try cache.lookUp([own[1].key])[own[1].key])
    details.inputs = [
      .init(digest: digest, execution: middle.id),
      .init(digest: source.outputs[""]?.digest ?? digest, execution: source.id),
    ]
    let made = try attempt.publish(
      [OutputPart(port: "", kind: "value", content: .value([2]), facts: .unknown)], details: details)
    try cache.finish(run)
    var policy = CollectionPolicy(runs: 0)
    policy.roots = [try #require(made.digest(port: ""))]
    policy.largestSize = 0
    #expect(try kept(policy).own == [2])
    #expect(try cache.lookUp([base.key, child.key]).count == 2)
  }

  /// What a root was made from stays also where the recorded maker is gone and another gave the same bytes.
  @Test func rootsWhoseMakersAreGone() throws {
    let run = try cache.begin()
    let digest = try #require(try cache.publish(try recipe("edited"), .value([1]), run: run).digest(port: ""))
    let child = try recipe("child", inputs: [digest])
    let attempt = try cache.beginAttempt(of: child.key, recipe: child, stage: trivial, label: "c", run: run)
    var details = ExecutionDetails(startedAt: 1, seconds: 1, profile: profile)
    details.inputs = [.init(digest: digest, execution: 1)]
    _ = try attempt.publish(
      [OutputPart(port: "", kind: "value", content: .value([2]), facts: .unknown)], details: details)
    try cache.finish(run)
    var policy = CollectionPolicy(runs: 0)
    policy.roots = [Digest(of: [2])]
    #expect(try kept(policy).own == [])
    #expect(try cache.lookUp([try recipe("edited").key, child.key]).count == 2)
  }

  /// A live run keeps what it began with, whatever is asked.
  @Test func liveRunsKeepWhatTheyUse() throws {
    let run = try cache.begin([RunStep(label: "s", stage: trivial, key: own[0].key)])
    var policy = CollectionPolicy(runs: 0)
    policy.largestSize = 0
    policy.forgottenRuns = [run]
    #expect(try kept(policy).own == [1])
    try cache.finish(run)
  }
}
