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
}
