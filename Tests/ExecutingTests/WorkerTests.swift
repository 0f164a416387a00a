import Artifacts
import Declaring
import Foundation
import RetortTesting
import Supervising
import Testing

@testable import Executing

/// Conversations with stages' own processes that go wrong.
@Suite struct WorkerTests {
  /// A process that says nothing sensible is ended, not waited for.
  @Test(.timeLimit(.minutes(1))) func nonsenseEndsTheStage() async throws {
    let program = IsolatedExecutor.Program(
      "/bin/sh", arguments: ["-c", #"printf '\377\377\377\377' >&3; exec sleep 300"#],
      environment: ["PATH": "/usr/bin:/bin"], folder: "/")
    let summary = try await run(
      .declared { PipelineBuilder.buildFinalResult([stage("c", Constant(1)).edge]) }, in: MemoryStore(),
      executor: IsolatedExecutor(program))
    #expect(summary.errors.map(\.code) == ["worker.message"], "\(summary.errors)")
  }

  @Test func whatIsTooLongIsRefusedWhereItIsSent() throws {
    let ends = try ChildChannel()
    let (ours, theirs) = (MessageChannel(ends.ours, longest: 100), MessageChannel(ends.theirs))
    let error = #expect(throws: RetortError.self) { try ours.send(String(repeating: "x", count: 99)) }
    #expect(error?.code == "worker.long")
    #expect(try ours.send(String(repeating: "x", count: 98)))
    #expect(try theirs.receive(String.self)?.utf8.count == 98)
  }
}
