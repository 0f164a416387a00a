import Artifacts
import Planning
import Testing

@testable import Retort

@Suite("Errors as they are read")
struct ErrorRendererTests {
  let renderer = ErrorRenderer(style: .plain, width: 80)

  @Test func everything() {
    let cause = RetortError("file.short", "Only 12 of 40 bytes are there.", at: Place(file: "w.safetensors"))
    let error = RetortError(
      "model.unreadable",
      "The weights of the checkpoint cannot be read, for the file ends before its tables say it does.",
      remedy: "Download it again.",
      at: Place(stage: "teacher", file: "m/w.safetensors", line: 3, column: 7, field: "weights"),
      cause: cause)
    #expect(
      renderer.text(for: error) == """
        error[model.unreadable]: The weights of the checkpoint cannot be read, for the
          file ends before its tables say it does.
          at: stage “teacher”, m/w.safetensors:3:7, option “weights”
          cause: Only 12 of 40 bytes are there. (w.safetensors)
          help: Download it again.
        """)
  }

  @Test func noLineIsTooLong() {
    let error = RetortError(
      "x", String(repeating: "word ", count: 60), remedy: String(repeating: "mend ", count: 60),
      at: Place(file: String(repeating: "dir ", count: 40)))
    #expect(renderer.lines(for: error).allSatisfy { TextWidth.of($0) <= 80 })
    #expect(
      ErrorRenderer(style: Style(isColoured: true), width: 80).lines(for: error).count
        == renderer.lines(for: error).count)
  }

  @Test func unlimitedInAPipe() {
    let error = RetortError("x", String(repeating: "word ", count: 60))
    #expect(ErrorRenderer(style: .plain, width: nil).lines(for: error).count == 1)
  }

  @Test func allFaultsAtOnce() {
    let faults = PlanFaults([
      RetortError(
        "plan.option", "0 epochs train nothing.", remedy: "Take at least 1.",
        at: Place(stage: "teacher", field: "epochs")),
      RetortError("plan.label", "Two stages are called “a”.", remedy: "Rename one.", at: Place(stage: "a")),
    ])
    #expect(
      renderer.text(for: faults) == """
        error[plan.option]: 0 epochs train nothing.
          at: stage “teacher”, option “epochs”
          help: Take at least 1.
        error[plan.label]: Two stages are called “a”.
          at: stage “a”
          help: Rename one.

        2 faults in the pipeline; nothing ran.
        """)
    #expect(ProgramStatus(faults) == .usage)
  }

  @Test func defectsAreToBeReported() {
    #expect(renderer.text(for: RetortError("x", "Odd.", blame: .internal)).contains("Please report it"))
  }

  struct Foreign: Error { var code = 3 }

  @Test func foreignErrors() throws {
    #expect(renderer.text(for: Foreign()) == "error[unknown]: Foreign: Foreign(code: 3)")
    #expect(renderer.text(for: CancellationError()) == "Interrupted.")
    #expect(ProgramStatus(CancellationError()) == .interrupted)
  }

  @Test func aLoopOfCausesEnds() {
    var error = RetortError("a", "A")
    for index in 0..<100 { error = RetortError("a", "A\(index)", cause: error) }
    #expect(ErrorRenderer.causes(of: error).count == 6)
  }

  @Test func forPrograms() {
    let error = RetortError(
      "x.y", "Bad.", remedy: "Mend.", at: Place(stage: "s", file: "f", line: 2), cause: RetortError("z", "Z."))
    #expect(
      ErrorRenderer.json(error).line
        == #"{"code": "x.y", "message": "Bad.", "remedy": "Mend.", "stage": "s", "file": "f", "line": 2, "blame": "input", "causes": ["Z."]}"#
    )
  }

  @Test(arguments: [
    ("usage.command", ProgramStatus.usage), ("program.option-clash", .usage), ("goal.missed", .goalMissed),
    ("run.interrupted", .interrupted), ("stage.failed", .failure),
  ])
  func codes(code: String, status: ProgramStatus) {
    #expect(ProgramStatus(RetortError(.init(rawValue: code), "x")) == status)
  }
}
