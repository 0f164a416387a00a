import Artifacts
import Declaring
import Executing
import Planning
import RetortTesting
import Synchronization
import Testing

@Suite struct ServicesTests {
  private func only<S: Stage>(_ make: (Ref<Number>) -> S) async throws -> RunSummary {
    try await run(
      .declared {
        let base = stage("c", Constant(3))
        Peeper.other.withLock { $0 = stage("other", Constant(4)) }
        return PipelineBuilder.buildFinalResult([
          stage("s", make(base)).edge, Peeper.other.withLock { $0 }?.edge ?? base.edge,
        ])
      }, in: MemoryStore())
  }

  @Test func whatIsNoStoredPropertyCannotBeRead() async throws {
    let summary = try await only { Peeper(base: $0) }
    #expect(summary.errors.map(\.code) == ["stage.undeclared-input"])
    #expect(summary.errors.first?.place.stage == "s")
  }

  @Test func aWholeBundleGivesItsParts() async throws {
    let store = MemoryStore()
    let summary = try await run(
      .declared {
        let halves = stage("h", Divide(stage("c", Constant(17)), by: 5))
        return PipelineBuilder.buildFinalResult([
          stage("whole", Rejoin(halves: halves)).edge, stage("part", Scale(halves.remainder, by: 10)).edge,
        ])
      }, in: store)
    #expect(try summary.number("whole", in: store) == 5)
    #expect(try summary.number("part", in: store) == 20)
    #expect(summary["whole"]?.execution?.details.inputs.map(\.execution) == [summary["h"]?.execution?.id ?? -1])
  }

  @Test func aFileThatChangesAfterPlanningIsNoticed() async throws {
    let root = try temporaryFolder()
    defer { try? Files.remove(root) }
    let file = root.appending("n.txt")
    try Files.replace(file, with: Array("12".utf8))
    let store = MemoryStore()
    func pipeline() -> Pipeline {
      .declared { PipelineBuilder.buildFinalResult([stage("read", ReadNumber(SourceFile(file))).edge]) }
    }
    let late = try scheduler(pipeline(), in: store)
    try Files.replace(file, with: Array("13".utf8))
    let summary = try await late.run()
    #expect(summary.errors.map(\.code) == ["source.changed"])
    #expect(store.executionCount == 0)
    let again = try await run(pipeline(), in: store)
    #expect(try again.number("read", in: store) == 13)
  }

  @Test func aFileThatStaysWhereItIsIsChecked() async throws {
    let root = try temporaryFolder()
    defer { try? Files.remove(root) }
    let file = root.appending("n.txt")
    for (text, code) in [("12", nil), ("13", "source.changed")] as [(String, RetortError.Code?)] {
      try Files.replace(file, with: Array("12".utf8))
      let store = MemoryStore()
      let late = try scheduler(
        .declared { PipelineBuilder.buildFinalResult([stage("check", CheckFile(file: SourceFile(file))).edge]) },
        in: store)
      try Files.replace(file, with: Array(text.utf8))
      #expect(try await late.run().errors.map(\.code) == [code].compactMap(\.self))
    }
    let undeclared = try await only { CheckFile.Other(base: $0) }
    #expect(undeclared.errors.map(\.code) == ["stage.undeclared-source"])
  }

  @Test func foldersAreNewEachTimeAndPlain() async throws {
    let summary = try await only { Folders(base: $0) }
    #expect(summary.outcome == .succeeded)
  }

  @Test func factsOfRealInputsAreCheckedBeforeAStepRuns() async throws {
    let store = MemoryStore()
    let summary = try await run(
      .declared {
        PipelineBuilder.buildFinalResult([
          stage("picky", Picky(base: stage("s", Scale(stage("c", Constant(3)), by: 2)))).edge
        ])
      }, in: store)
    #expect(summary["s"]?.status.name == "ran")
    #expect(summary["picky"]?.status.name == "failed")
    #expect(summary.errors.first?.place == Place(stage: "picky", field: "base"))
    #expect(summary["picky"]?.attempts == 0)
  }

  @Test func theLogHoldsEveryLine() async throws {
    let store = MemoryStore()
    let summary = try await run(
      .declared { PipelineBuilder.buildFinalResult([stage("t", Talker(lines: 300)).edge]) }, in: store)
    let log = try #require(summary["t"]?.log)
    let text = String(decoding: try Files.read(log), as: UTF8.self)
    #expect(text == (0..<300).map { "line \($0)\n" }.joined())
  }
}

struct Peeper: Stage {
  static let other = Mutex<Ref<Number>?>(nil)
  static let id = "test.peeper"
  static let version = 1
  var base: Ref<Number>

  func run(_ context: StageContext) async throws -> Number {
    guard let other = Self.other.withLock({ $0 }) else { return try context.load(base) }
    return try context.load(other)
  }
}

struct Rejoin: Stage {
  static let id = "test.rejoin"
  static let version = 1
  var halves: Ref<Halves>

  func run(_ context: StageContext) async throws -> Number {
    let halves = try context.load(halves)
    return Number(halves.quotient.value + halves.remainder.value)
  }
}

struct Folders: Stage {
  static let id = "test.folders"
  static let version = 1
  var base: Ref<Number>

  func run(_ context: StageContext) async throws -> Number {
    let first = try context.folder("out")
    let second = try context.folder("out")
    guard first != second, try Files.names(in: first).isEmpty else { throw TestFailure() }
    for name in ["../out", "", "a/b", "/tmp", ".."] {
      do {
        _ = try context.folder(name)
        throw TestFailure()
      } catch let error as RetortError where error.code == "stage.folder-name" {}
    }
    return try context.load(base)
  }
}

/// Knows only from the artifact that it cannot work.
struct Picky: Stage {
  static let id = "test.picky"
  static let version = 1
  var base: Ref<Number>

  func forecast(_ forecast: inout Forecast) -> Facts {
    if let value = forecast[base].examples {
      forecast.require(value > 100, "base", "\(value) is too few.", remedy: "Give more.")
    }
    return .unknown
  }

  func run(_ context: StageContext) async throws -> Number { try context.load(base) }
}

struct Talker: Stage {
  static let id = "test.talker"
  static let version = 1
  var lines: Int

  func run(_ context: StageContext) async throws -> Number {
    for index in 0..<lines { context.log("line \(index)") }
    return Number(lines)
  }
}

/// Looks at a file twice without reading it.
private struct CheckFile: Stage {
  static let id = "test.check-file"
  static let version = 1
  var file: SourceFile

  func run(_ context: StageContext) async throws -> Number {
    try context.check(file)
    try context.phase("second").check(file)
    return Number(context.isStopRequested || context.phase("second").isStopRequested ? 1 : 0)
  }

  struct Other: Stage {
    static let id = "test.check-other-file"
    static let version = 1
    var base: Ref<Number>

    func run(_ context: StageContext) async throws -> Number {
      try context.check(SourceFile("/etc/hostname"))
      return try context.load(base)
    }
  }
}
