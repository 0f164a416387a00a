import Foundation
import Testing

@Suite("A run that is killed at any instant loses nothing", .serialized)
struct KillTests {
  static let named = [
    "step.started", "step.computed", "step.published", "publication.staged", "object.rename", "object.renamed",
    "journal.append", "journal.appended", "index.commit", "index.committed", "checkpoint.begin", "checkpoint.written",
    "checkpoint.replaced", "file.written", "file.renamed",
  ]

  @Test("SIGKILL at 50 seeded instants: finished stages stay, the cache verifies, the digests are the undisturbed ones")
  func killsAtRandomInstants() throws {
    let reference = try Reference.tiny.get()
    var numbers = SeededNumbers(2024)
    var killed = 0
    var attempts = 0
    var folder = try TemporaryFolder("kill")
    // A run that ends before its instant is tried again at another: fifty must really die.
    while killed < 50, attempts < 500 {
      let quickstart = Quickstart(in: folder.url)
      attempts += 1
      guard try quickstart.run(killAfter: numbers.unit() * reference.seconds).wasKilled else {
        folder = try TemporaryFolder("kill")
        continue
      }
      killed += 1
      // Two of three kills leave a cache half full for the next one to hit.
      if killed % 3 == 0 {
        try expectRecovery(of: quickstart, like: reference.digests)
        folder = try TemporaryFolder("kill")
      }
    }
    #expect(killed == 50, "only \(killed) of \(attempts) runs were still alive when they were to be killed")
  }

  @Test("SIGKILL at the named points of a publication", arguments: named)
  func killsAtNamedPoints(point: String) throws {
    let reference = try Reference.tiny.get()
    // The index is caught up with the journal only now and then: a tiny run commits it less than four times.
    for count in point.hasPrefix("index.") ? [1] : [1, 4] {
      let folder = try TemporaryFolder("point")
      var quickstart = Quickstart(in: folder.url)
      quickstart.program.environment["RETORT_KILL_AT"] = "\(point):\(count)"
      let first = try quickstart.run(["--checkpoint-every", "0.01"])
      #expect(first.wasKilled, "nothing passes \(point) \(count) times: \(first.errors)")
      quickstart.program.environment = [:]
      try expectRecovery(of: quickstart, like: reference.digests)
    }
  }

  /// The next run goes on from what was finished and ends with the same bytes.
  func expectRecovery(of quickstart: Quickstart, like reference: Digests) throws {
    let check = try quickstart.verify()
    #expect(check.status == 0, "verify after a kill: \(check.output) \(check.errors)")
    let second = try quickstart.succeed()
    #expect(try Digests(second).byLabel == reference.byLabel)
    let third = try Summary(try quickstart.succeed())
    #expect(third.stages.ran == 0)
    #expect(try quickstart.verify().status == 0)
  }
}
