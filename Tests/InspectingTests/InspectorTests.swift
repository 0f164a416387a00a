import Artifacts
import Foundation
import Storing
import Testing

@testable import Inspecting

@Suite struct InspectorTests {
  let small: SmallCache
  let inspector: Inspector

  init() throws {
    small = try SmallCache()
    inspector = Inspector(small.cache)
  }

  // MARK: Names

  @Test func labelsPortsNumbersAndDigitsResolve() throws {
    let student = try #require(small.executions["student"])
    #expect(try inspector.artifact("student").digest == student.digest(port: ""))
    #expect(try inspector.artifact("student").label == "student")
    let data = try #require(small.executions["data"])
    #expect(try inspector.artifact("data").digest == data.digest(port: ""))
    #expect(try inspector.artifact("data.dev").digest == data.digest(port: "dev"))
    let digest = try #require(student.digest(port: ""))
    for count in [8, 12, 64] {
      #expect(try inspector.artifact(String(digest.hex.prefix(count))).execution.id == student.id)
    }
    #expect(try inspector.artifact(student.key.description).execution.id == student.id)
    guard case .run(let run) = try inspector.resolve("2") else {
      Issue.record("2 is a run")
      return
    }
    #expect(run.ran == 2 && run.cached == 2)
  }

  @Test(arguments: ["studnt", "9", "ffff", "abc", "data.test", "", "zzzz"])
  func unknownNamesAreRefusedWithAdvice(name: String) {
    #expect { try inspector.resolve(name) } throws: { error in
      guard let error = error as? RetortError else { return false }
      return error.code.rawValue.hasPrefix("name.") && !error.remedy.isEmpty
    }
  }

  @Test func similarLabelIsSuggested() {
    #expect { try inspector.resolve("studnt") } throws: { "\($0)".contains("Did you mean “student”") }
  }

  @Test func ambiguousDigitsListTheirCandidates() throws {
    // Many artifacts, so that two of them share four digits.
    let run = try small.cache.beginRun(
      RunRequest(pipeline: "many", arguments: [], options: [:], startedAt: 0, profile: .unknown), steps: [], hits: [])
    var seen: [String: Digest] = [:]
    var shared: String?
    for number in 0..<2000 where shared == nil {
      let bytes = Array("artifact \(number)".utf8)
      let prefix = String(Digest(of: bytes).hex.prefix(4))
      shared = seen.updateValue(Digest(of: bytes), forKey: prefix) == nil ? nil : prefix
    }
    let prefix = try #require(shared)
    for number in 0..<2000 where Digest(of: Array("artifact \(number)".utf8)).hex.hasPrefix(prefix) {
      let recipe = try #require(
        RecipeTemplate(stage: "many", version: 1, options: ["number": number], defaultSeed: 0).filled { _ in nil })
      let attempt = try small.cache.beginAttempt(
        of: recipe.key, recipe: recipe, stage: StageIdentity(id: "many", version: 1), label: "m", run: run)
      _ = try attempt.publish(
        [OutputPart(port: "", kind: "number", content: .value(Array("artifact \(number)".utf8)), facts: .unknown)],
        details: ExecutionDetails(startedAt: 0, seconds: 0, profile: .unknown))
    }
    #expect { try inspector.resolve(prefix) } throws: { error in
      (error as? RetortError)?.code == "name.ambiguous"
        && "\(error)".components(separatedBy: prefix).count >= 4
    }
  }

  // MARK: Lineage

  @Test func lineageUpReachesTheSources() throws {
    let export = try #require(small.executions["export"])
    let lineage = try inspector.lineage(of: export, .up)
    #expect(lineage.nodes.map(\.label) == ["export", "student", "data", "teacher"])
    let id = small.executions.mapValues(\.id)
    let edges = Set(lineage.edges.map { "\($0.from)>\($0.to) \($0.option)" })
    #expect(
      edges == [
        "\(id["student"] ?? 0)>\(id["export"] ?? 0) inputs[\"model\"]",
        "\(id["data"] ?? 0)>\(id["student"] ?? 0) inputs[\"data\"]",
        "\(id["teacher"] ?? 0)>\(id["student"] ?? 0) inputs[\"teacher\"]",
        "\(id["data"] ?? 0)>\(id["teacher"] ?? 0) inputs[\"on\"]",
      ])
  }

  @Test func lineageDownFindsBothRunsOfTheStudent() throws {
    let teacher = try #require(small.executions["teacher"])
    let lineage = try inspector.lineage(of: teacher, .down)
    #expect(
      lineage.nodes.map(\.stage.id) == [
        "train.fine-tune", "distill.task", "distill.task", "export.folder", "export.folder",
      ])
    #expect(Set(lineage.nodes.map(\.run.value)) == [1, 2])
  }

  @Test func depthCuts() throws {
    let export = try #require(small.executions["export"])
    let lineage = try inspector.lineage(of: export, .up, depth: 1)
    #expect(lineage.nodes.map(\.label) == ["export", "student"])
    #expect(lineage.isCut)
    #expect(try inspector.lineage(of: export, .up, depth: 3).isCut == false)
  }

  @Test func limitCutsTheFarthest() throws {
    let export = try #require(small.executions["export"])
    let lineage = try inspector.lineage(of: export, .up, limit: 2)
    #expect(lineage.nodes.map(\.label) == ["export", "student"])
    #expect(lineage.edges.count == 1 && lineage.isCut)
    #expect(try inspector.lineage(of: export, .up, limit: 4).isCut == false)
    let teacher = try #require(small.executions["teacher"])
    #expect(try inspector.lineage(of: teacher, .down, limit: 3).nodes.count == 3)
  }

  @Test func labelAndRunNameWhatARunHad() throws {
    #expect(try inspector.artifact("student@2").digest == inspector.artifact("student").digest)
    let first = try inspector.artifact("student@1")
    #expect(first.execution.run == RunID(1) && first.label == "student")
    #expect(try inspector.artifact("data.dev@1").digest == inspector.artifact("data.dev").digest)
  }

  // MARK: Why

  @Test func whyNamesTheOptionWithBothValues() throws {
    let student = try inspector.why("student")
    guard case .changed(let changes, let since, let label) = student.reason else {
      Issue.record("the student changed: \(student)")
      return
    }
    #expect(changes.map(\.description) == ["option temperature: 4.0 → 5.0"])
    #expect(since == RunID(1) && label == "student")
  }

  @Test func whyFollowsInputsToTheirCause() throws {
    let export = try inspector.why("export")
    #expect(export.causes.map(\.label) == ["student"])
    #expect("\(export)".contains("option temperature: 4.0 → 5.0"))
  }

  @Test func whyOfACachedStageNamesTheRun() throws {
    guard case .cached(let since) = try inspector.why("teacher").reason else {
      Issue.record("the teacher was cached")
      return
    }
    #expect(since == RunID(1))
  }

  @Test func whyOfAnUnknownLabelIsRefused() {
    #expect(throws: RetortError.self) { try inspector.why("nobody") }
  }

  // MARK: Showing

  @Test func artifactDetail() throws {
    let detail = try inspector.detail(of: try inspector.artifact("student"))
    #expect(detail.options["temperature"] == "5.0")
    #expect(detail.details.metrics == ["accuracy": 0.75])
    let text = detail.text(timeZone: try #require(TimeZone(secondsFromGMT: 0)))
    #expect(text.contains("made by   distill.task@1 in run 2, 2023-11-14 22:13:20, took 2.0 s"))
    #expect(text.contains("metric    accuracy = 0.75"))
  }

  @Test func runDetailAndTable() throws {
    let runs = try inspector.runs()
    let zone = try #require(TimeZone(secondsFromGMT: 0))
    let lines = Inspector.table(of: runs, timeZone: zone).split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[1].hasPrefix("  2  2023-11-14 22:13:25  sst2      succeeded    2       2       0"))
    #expect(lines[2].hasSuffix("temperature=4.0"))
    let text = try inspector.detail(of: runs[0]).text(timeZone: zone)
    #expect(text.contains("stages    2 ran, 2 cached, 0 failed"))
    #expect(text.contains("student  distill.task@1     ran"))
  }

  @Test func cacheThatCannotBeWrittenIsRead() throws {
    let fault = InjectedFault(.lock, at: 1, isLasting: true, .error(.readOnlyFileSystem))
    let count = try InjectedFault.$current.withValue(fault) { () throws -> Int in
      #expect(throws: RetortError.self) { try Cache(small.root) }
      return try Inspector(at: small.root).runs().count
    }
    #expect(count == 2)
  }
}
