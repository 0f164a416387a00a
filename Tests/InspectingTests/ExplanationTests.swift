import Artifacts
import Inspecting
import Storing
import Testing

/// What is said of runs that failed, of stages that never ran, and of changes that are no changed option.
@Suite struct ExplanationTests {
  private let cache: GraphCache

  init() throws { cache = try GraphCache() }

  private func stages(rate: Int, _ change: (inout [TestStage]) -> Void = { _ in }) -> [TestStage] {
    var stages = [
      TestStage(label: "data"), TestStage(label: "student", options: ["rate": rate], inputs: ["data": 0]),
      TestStage(label: "int8", stage: "test.int8", inputs: ["model": 1]),
    ]
    change(&stages)
    return stages
  }

  @Test func aFailedAttemptHidesNoCause() throws {
    let first = try cache.run(stages(rate: 4)).run
    try cache.run(stages(rate: 3), failingAt: "student")
    try cache.run(stages(rate: 3))
    guard case .changed(let changes, let since, _) = try cache.inspector.why("student").reason else {
      Issue.record("\(try cache.inspector.why("student"))")
      return
    }
    #expect(changes.map(\.path) == ["options.numbers[\"rate\"]"] && since == first)
    #expect(try cache.inspector.why("int8").causes.map(\.label) == ["student"])
  }

  @Test func anAttemptAloneIsNamedAsOne() throws {
    let failed = try cache.run(stages(rate: 3), failingAt: "student").run
    // What failed is explained as well, what was skipped did not run.
    guard case .first = try cache.inspector.why("student").reason else {
      Issue.record("not the first")
      return
    }
    guard case .notReached = try cache.inspector.why("int8").reason else {
      Issue.record("reached")
      return
    }
    try cache.run(stages(rate: 3))
    guard case .attempted(failed) = try cache.inspector.why("student").reason else {
      Issue.record("\(try cache.inspector.why("student"))")
      return
    }
  }

  @Test func aSkippedStageWithAKeyDidNotRun() throws {
    var stages = stages(rate: 4)
    stages.append(TestStage(label: "beside", options: ["size": 1], inputs: ["data": 0]))
    try cache.run(stages)
    stages[1].options["rate"] = 3
    stages[3].options["size"] = 2
    try cache.run(stages, failingAt: "student")
    let why = try cache.inspector.why("beside")
    guard case .notReached = why.reason, why.outcome == .skipped else {
      Issue.record("\(why)")
      return
    }
  }

  @Test func oneInputMoreOrLessIsACause() throws {
    let merged: (inout [TestStage]) -> Void = { stages in
      stages[1].inputs = ["data": 0]
      stages.insert(TestStage(label: "more", stage: "test.other"), at: 1)
      stages[2].inputs = ["data": 0, "more": 1]
      stages[3].inputs = ["model": 2]
    }
    try cache.run(stages(rate: 4))
    try cache.run(stages(rate: 4, merged))
    var why = try cache.inspector.why("int8")
    #expect(why.causes.map(\.label) == ["student"] && why.causes[0].changes.map(\.path) == ["options.inputs[\"more\"]"])
    // And without it again, with the old result gone: forced.
    try cache.run(stages(rate: 4), forces: true)
    why = try cache.inspector.why("int8")
    #expect(why.causes.map(\.label) == ["student"] && why.causes[0].changes.map(\.new) == [nil])
  }

  /// Another stage that no run had before flows in.
  @Test func aNewStageInPlaceOfAnotherIsACause() throws {
    try cache.run(stages(rate: 4))
    try cache.run(
      stages(rate: 4) { stages in
        stages.insert(TestStage(label: "fresh", stage: "test.other"), at: 1)
        stages[2].inputs = ["data": 1]
        stages[3].inputs = ["model": 2]
      })
    #expect(try cache.inspector.why("int8").causes.map(\.label) == ["student"])
  }

  @Test func whatNeitherRunHasIsNotTheSame() throws {
    let one = try cache.run(stages(rate: 4), failingAt: "student").run
    let two = try cache.run(stages(rate: 4), failingAt: "student").run
    let runs = try cache.cache.runs(limit: 2)
    let difference = try cache.inspector.difference(
      from: #require(runs.first { $0.id == one }), to: #require(runs.first { $0.id == two }))
    #expect(!difference.isSame && difference.notReached == ["student", "int8"])
  }

  @Test func aRunHasWhatItHad() throws {
    let failed = try cache.run(stages(rate: 4), failingAt: "student").run
    let run = try cache.run(stages(rate: 4)).run
    #expect(try cache.inspector.artifact("student@\(run)").execution.run == run)
    let error = #expect(throws: RetortError.self) { try cache.inspector.artifact("student@\(failed)") }
    #expect(error?.code == "name.no-result")
    #expect(try cache.inspector.artifact("student").execution.run == run)
  }
}
