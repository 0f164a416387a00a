import Artifacts
import Declaring
import Planning
import RetortTesting
import Testing

@Suite("Planning a stage for one that runs")
struct SubstageTests {
  let planner = Planner(store: MemoryStore())
  let number = Ref<Number>(edge: Edge(node: 0, arena: 7))

  private func known(_ edge: Edge) -> KnownInput? {
    edge == number.edge ? KnownInput(digest: Digest(of: [1]), facts: Number(3).facts) : nil
  }

  @Test("It has the key that it would have as a step of a pipeline")
  func key() async throws {
    let store = MemoryStore()
    let declared = pipeline { stage("scaled", Scale(stage("a", Constant(3)), by: 2)) }
    try await SerialRunner(store: store).run(declared)
    let plan = try Planner(store: store).plan(declared)
    let digest = try #require(plan.steps[0].cached?.digest(port: ""))
    let substage = try planner.substage(Scale(number, by: 2), of: Search.self, label: "s/1") { _ in
      KnownInput(digest: digest, facts: .unknown)
    }
    #expect(substage.key == plan.steps[1].key)
    #expect(substage.inputs == [number.edge])
    #expect(substage.identity == StageIdentity(id: "test.scale", version: 1))
  }

  @Test("What is wrong with it is reported at once, with its label")
  func faults() throws {
    func codes(_ stage: some Stage, of owner: any Stage.Type) -> [String] {
      do {
        _ = try planner.substage(stage, of: owner, label: "s/1", input: known)
        return []
      } catch let faults as PlanFaults {
        #expect(faults.faults.allSatisfy { $0.place.stage == "s/1" && !$0.remedy.isEmpty })
        return faults.faults.map { "\($0.code) \($0.place.field ?? "")" }
      } catch { return ["\(error)"] }
    }
    let stranger = Ref<Number>(edge: Edge(node: 3, arena: 7))
    #expect(codes(Scale(number, by: 2), of: Search.self) == [])
    #expect(codes(Constant(1), of: Search.self) == ["plan.substage-unlisted uses"])
    #expect(
      codes(Scale(stranger, by: 0), of: Sum.self) == [
        "plan.substage-unlisted uses", "plan.substage-input number", "plan.option factor",
      ])
    #expect(codes(With(Double.nan), of: Search.self) == ["plan.substage-unlisted uses", "key.not-a-number options"])
    #expect(codes(TakesEven(number), of: TakesEven.self) == ["plan.substage-unlisted uses", "plan.option number"])
    #expect(codes(Search(number, trials: 1), of: Search.self) == [], "a stage may run its own type")
  }

  @Test("A stage may say that its options run fewer stages than its type: the rest counts for nothing")
  func narrowed() throws {
    func plan(_ observes: Bool, on processor: String = "one") throws -> Step {
      var options = PlanOptions()
      options.machine = MachineProfile(processor: processor, cores: 1, memory: 1, numerics: .unknown)
      let plan = try Planner(store: MemoryStore(), options: options).plan(
        pipeline { stage("m", MayObserve(observes: observes)) })
      return try #require(plan.step(labelled: "m"))
    }
    #expect(try plan(true).determinism == .measured && plan(false).determinism == .bitwise)
    #expect(try plan(true).key != plan(true, on: "other").key)
    #expect(try plan(false).key == plan(false, on: "other").key)
    let uses = try plan(false).template.tree.leaves.filter { $0.path.hasPrefix("uses") }.map(\.path)
    #expect(uses == ["uses[test.scale]"])
    // One that runs it with any options is measured.
    let above = try Planner(store: MemoryStore()).plan(pipeline { stage("a", RunsMayObserve()) })
    #expect(above.steps.map(\.determinism) == [.measured])
    // And it is held to what it says.
    #expect {
      _ = try planner.substage(
        Observe(number), of: MayObserve.self, uses: MayObserve(observes: false).uses, label: "s", input: known)
    } throws: { ($0 as? PlanFaults)?.faults.map(\.code) == ["plan.substage-unlisted"] }
  }

  @Test("A stage that says more than its type lists is a fault of it")
  func widened() throws {
    #expect {
      _ = try Planner(store: MemoryStore()).plan(pipeline { stage("w", RunsTooMuch()) })
    } throws: { error in
      let fault = (error as? PlanFaults)?.faults.first
      return fault?.code == "plan.uses-unlisted" && fault?.place.stage == "w" && fault?.remedy.isEmpty == false
    }
  }
}

/// Observes only where it is told to.
private struct MayObserve: Stage {
  static let id = "test.may-observe"
  static let version = 1
  static var uses: [any Stage.Type] { [Scale.self, Observe.self] }
  var observes: Bool
  var uses: [any Stage.Type] { observes ? Self.uses : [Scale.self] }
  func run(_ context: StageContext) async throws -> Number { Number(1) }
}

private struct RunsMayObserve: Stage {
  static let id = "test.runs-may-observe"
  static let version = 1
  static var uses: [any Stage.Type] { [MayObserve.self] }
  func run(_ context: StageContext) async throws -> Number { Number(1) }
}

private struct RunsTooMuch: Stage {
  static let id = "test.runs-too-much"
  static let version = 1
  var uses: [any Stage.Type] { [Scale.self] }
  func run(_ context: StageContext) async throws -> Number { Number(1) }
}
