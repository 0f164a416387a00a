import Artifacts
import Declaring
import Executing
import Planning
import RetortTesting
import Testing

/// What the source files behind a stage decide, and what they don't.
struct CodeChangesTests {
  private func run(
    _ pipeline: Pipeline, in store: any ArtifactStore, _ changes: CodeChanges
  ) async throws -> (plan: Plan, ran: [String]) {
    var options = PlanOptions(pipeline: "test")
    options.codeChanges = changes
    let plan = try Planner(store: store, options: options).plan(pipeline)
    let summary = try await Scheduler(
      plan: plan, store: store,
      request: RunRequest(pipeline: "test", arguments: [], options: [:], startedAt: 0, profile: .unknown),
      options: RunOptions(threads: 2)
    ).run()
    return (plan, summary.steps.filter { $0.status.name == "ran" }.map(\.label))
  }

  private func chain() -> Pipeline {
    .declared {
      let one = stage("one", Constant(1))
      let coded = stage("coded", Coded(input: one))
      return PipelineBuilder.buildFinalResult([stage("after", Sum([coded, one])).edge])
    }
  }

  @Test func otherCodeWarnsRerunsOrIsLeftAlone() async throws {
    let store = MemoryStore()
    Coded.code.value = 1
    #expect(try await run(chain(), in: store, .warn).ran == ["one", "coded", "after"])
    #expect(try await run(chain(), in: store, .rerun).ran == [])

    Coded.code.value = 2
    let warned = try await run(chain(), in: store, .warn)
    #expect(warned.ran == [] && warned.plan.warnings.count == 1)
    let text = warned.plan.warnings.map(\.description).joined()
    #expect(text.contains("Coded.swift changed since coded was computed") && text.contains("--code-changes rerun"))
    #expect(!text.contains("Same.swift"))
    let ignored = try await run(chain(), in: store, .ignore)
    #expect(ignored.ran == [] && ignored.plan.warnings.isEmpty)

    // Computed again it gives the same bytes, so what follows is cached.
    let again = try await run(chain(), in: store, .rerun)
    #expect(again.ran == ["coded"])
    #expect(again.plan.step(labelled: "coded")?.status == .execute(.codeChanged(["Coded.swift"])))
    #expect(try await run(chain(), in: store, .rerun).ran == [])
    #expect(try await run(chain(), in: store, .warn).plan.warnings.isEmpty)
    let key = try #require(again.plan.step(labelled: "coded")?.key)
    let hit = try store.executions(of: [key], preferring: .unknown, pinnedBy: nil)[key]
    #expect(hit?.details.codeFingerprint == "Coded.swift=2\nSame.swift=1")
  }

  /// A stage counts with what it may run inside itself, and a sub-stage alone.
  @Test func subStages() async throws {
    let store = MemoryStore()
    let pipeline = {
      Pipeline.declared { PipelineBuilder.buildFinalResult([stage("outer", RunsInner(value: 3)).edge]) }
    }
    Inner.code.value = 1
    #expect(try await run(pipeline(), in: store, .rerun).ran.sorted() == ["outer", "outer/Inner"])
    #expect(try await run(pipeline(), in: store, .rerun).ran == [])
    Inner.code.value = 2
    #expect(try await run(pipeline(), in: store, .rerun).ran.sorted() == ["outer", "outer/Inner"])
  }

  @Test func fingerprintsAsText() {
    let one = CodeFingerprint("b.swift=2\na.swift=1\nnonsense")
    #expect(one.description == "a.swift=1\nb.swift=2" && CodeFingerprint(one.description) == one)
    #expect(one.changes(since: CodeFingerprint("a.swift=1\nc.swift=3")) == ["b.swift", "c.swift"])
    var both = one
    both.formUnion(CodeFingerprint("a.swift=9\nd.swift=4"))
    #expect(both.hashes == ["a.swift": "19", "b.swift": "2", "d.swift": "4"])
  }
}

/// A number that tests change.
final class Changing: Sendable {
  private let name = Board.name()
  var value: Int {
    get { Board.shared.get(name) }
    set { Board.shared.set(name, newValue) }
  }
}

struct Coded: Stage {
  static let id = "test.coded"
  static let version = 1
  static let code = Changing()
  static var codeFingerprint: CodeFingerprint? { CodeFingerprint("Coded.swift=\(code.value)\nSame.swift=1") }
  var input: Ref<Number>

  func run(_ context: StageContext) async throws -> Number { Number(try context.load(input).value + 1) }
}

struct Inner: Stage {
  static let id = "test.inner"
  static let version = 1
  static let code = Changing()
  static var codeFingerprint: CodeFingerprint? { CodeFingerprint("Inner.swift=\(code.value)") }
  var value: Int

  func run(_ context: StageContext) async throws -> Number { Number(value) }
}

struct RunsInner: Stage {
  static let id = "test.runs-inner"
  static let version = 1
  static var uses: [any Stage.Type] { [Inner.self] }
  var value: Int

  func run(_ context: StageContext) async throws -> Number { try await context.run(Inner(value: value)) }
}
