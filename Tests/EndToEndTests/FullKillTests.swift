import Foundation
import Testing

/// The real quickstart, which takes minutes: run by `make chaos`.
@Suite(
  "The full quickstart, killed while it trains", .serialized,
  .enabled(if: ProcessInfo.processInfo.environment["RETORT_CHAOS"] != nil, "set RETORT_CHAOS=1, or run make chaos"))
struct FullKillTests {
  private static let arguments = ["--json", "--progress", "none", "--checkpoint-every", "1"]

  private static let calm: Result<(digests: Digests, events: RunEvents), any Error> = Result {
    let folder = try TemporaryFolder("full")
    var quickstart = Quickstart(in: folder.url)
    quickstart.arguments = arguments
    let result = try quickstart.succeed()
    return (try Digests(result), RunEvents(result.output))
  }

  @Test("The digests are the undisturbed ones, and no more than one interval of work is lost", arguments: 0..<2)
  func killed(seed: Int) throws {
    let calm = try Self.calm.get()
    var numbers = SeededNumbers(UInt64(seed) &+ 41)
    for _ in 0..<10 {
      let folder = try TemporaryFolder("full-kill")
      var quickstart = Quickstart(in: folder.url)
      quickstart.arguments = Self.arguments
      // Of pruning the cuts take no second: it has no two checkpoints.
      let label = Quickstart.training[Int(numbers.next() % 4)]
      let seconds = try #require(calm.events.seconds(of: label))
      let first = try quickstart.run([], killAfter: seconds * (0.3 + 0.6 * numbers.unit()), within: label)
      let before = RunEvents(first.output)
      guard first.wasKilled, !before.hasFinished(label), before.checkpoints(of: label) > 1 else { continue }
      let second = try quickstart.succeed()
      #expect(try Digests(second).byLabel == calm.digests.byLabel)
      try expectLittleLoss(of: label, before, RunEvents(second.output))
      #expect(try quickstart.verify().status == 0)
      return
    }
    Issue.record("no run had two checkpoints and was still training when it was to be killed")
  }

  /// Counted in work, not in time, for a busy machine is slow at any moment: between the state that the next run began
  /// with and the last word of the killed one lies no more than the most that was ever done from one checkpoint to the
  /// next, and what was done while the last one was on its way to the disk.
  private func expectLittleLoss(of label: String, _ before: RunEvents, _ after: RunEvents) throws {
    let resumed = try #require(after.resumed(label), "“\(label)” had checkpoints and began anew")
    // Steps count in one phase; where there are several, the first word of the next run says how far both are together.
    let isPhased = label == "student"
    let kept = isPhased ? after.firstProgress(of: label) : Double(resumed.step) / Double(resumed.steps)
    let marks = [0] + before.progressAtCheckpoints(of: label)
    let interval = zip(marks, marks.dropFirst()).map { $1 - $0 }.max() ?? 0
    #expect(before.progress(of: label) - kept <= 2 * interval, "kept \(kept) of \(before.progress(of: label))")
    // The snapshot that counted last was taken after the one before it was safe.
    #expect(kept >= marks[marks.count - 2] - 1 / Double(resumed.steps))
  }
}
