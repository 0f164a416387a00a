import Artifacts
import Declaring
import RetortTesting
import Testing

/// Phases of one stage share a snapshot, and see nothing of each other in it.
struct StagePhaseTests {
  @Test func sectionsOfPhasesStayApart() throws {
    let services = FakeServices(defaultSeed: 5, threads: 3)
    let whole = StageContext(services)
    #expect(whole.phase("first").threads == 3 && whole.phase("first").seed(.standard) == 5)
    #expect(try whole.phase("first").restore() == nil)

    let first = Snapshot(["state": [1], "values": [2, 3]])
    try whole.phase("first").checkpoint { first }
    #expect(try whole.phase("first").restore() == first)
    #expect(try whole.phase("second").restore() == nil)
    #expect(try whole.phase("fir").restore() == nil)

    // The second phase's snapshots carry the end of the first.
    let second = Snapshot(["state": [9]])
    try whole.phase("second", after: ["first": first]).checkpoint { second }
    #expect(try whole.phase("second").restore() == second)
    #expect(try whole.phase("first").restore() == first)
    #expect(services.journal.snapshots.last?.sections.count == 3)

    // A snapshot of a stage without phases belongs to none.
    try whole.checkpoint { Snapshot(["state": [7]]) }
    #expect(try whole.phase("second").restore() == nil)
  }

  @Test func whatAPhaseSaysTheStageSays() throws {
    let services = FakeServices()
    let phase = StageContext(services).phase("first")
    phase.report(Progress(1, of: 2, unit: "steps"))
    phase.record("loss", 0.5)
    phase.log("a line")
    try phase.checkCancellation()
    #expect(services.journal.progress.map(\.done) == [1])
    #expect(services.journal.metrics == ["loss": 0.5] && services.journal.log == ["a line"])
  }
}
