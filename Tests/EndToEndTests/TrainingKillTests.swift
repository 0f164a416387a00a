import Foundation
import Testing

@Suite("A training stage that is killed goes on from its last checkpoint", .serialized)
struct TrainingKillTests {
  private static let often = ["--checkpoint-every", "0.01"]

  /// An undisturbed run with as many checkpoints: what it gives, and how long each stage takes.
  private static let calm: Result<(digests: Digests, events: RunEvents), any Error> = Result {
    let folder = try TemporaryFolder("calm")
    let result = try Quickstart(in: folder.url).succeed(often)
    return (try Digests(result), RunEvents(result.output))
  }

  @Test("SIGKILL at 50 seeded instants of training, between checkpoints too: the same digests", arguments: 0..<50)
  func killed(seed: Int) throws {
    let calm = try Self.calm.get()
    var numbers = SeededNumbers(UInt64(seed) &+ 7_000)
    // A stage that ends before its instant is tried again at another: every case must really die.
    for _ in 0..<20 {
      let folder = try TemporaryFolder("training")
      let quickstart = Quickstart(in: folder.url)
      let label = Quickstart.training[Int(numbers.next() % 5)]
      let seconds = try #require(calm.events.seconds(of: label))
      let first = try quickstart.run(Self.often, killAfter: numbers.unit() * seconds, within: label)
      let before = RunEvents(first.output)
      guard first.wasKilled, !before.hasFinished(label) else { continue }
      let second = try quickstart.succeed(Self.often)
      let after = RunEvents(second.output)
      #expect(try Digests(second).byLabel == calm.digests.byLabel, "killed in “\(label)”")
      // What was safe on disk is used, and not computed again. A stage that had been published and was killed before it
      // could say so is cached.
      if before.checkpoints(of: label) > 0, after.hasStarted(label) {
        let resumed = after.resumed(label)
        // Pruning may go on inside its first cut: after cut 0, with part of the scores.
        #expect(
          (resumed?.step ?? 0) > 0 || label == "pruned" && resumed != nil,
          "“\(label)” had a checkpoint and began anew")
      }
      for done in before.all where done.event == "finished" {
        #expect(!after.hasStarted(done.label ?? ""), "“\(done.label ?? "")” was finished and ran again")
      }
      #expect(try quickstart.verify().status == 0)
      return
    }
    Issue.record("no run was still training when it was to be killed")
  }

  @Test("More or fewer checkpoints change no digest")
  func frequency() throws {
    #expect(try Self.calm.get().digests.byLabel == Reference.tiny.get().digests.byLabel)
  }
}
