import Artifacts
import Declaring
import Planning
import RetortTesting
import Testing

@testable import Retort

@Suite("Drawings of a pipeline")
struct GraphTests {
  static func plan() throws -> Plan {
    try Planner(store: MemoryStore(), options: PlanOptions(pipeline: "a \"b\"")).plan(
      TrivialPipeline.declared(stages: 3, shape: .chain))
  }

  @Test func dot() throws {
    let dot = try PlanGraph(Self.plan()).dot
    #expect(dot.hasPrefix("digraph \"a \\\"b\\\"\" {\n"))
    for line in ["n0 -> n1;", "n1 -> n2;", "n0 -> n2;", "n2 [label=\"stage-2\\nbench.trivial\""] {
      #expect(dot.contains(line), "\(line) in \(dot)")
    }
  }

  @Test func mermaid() throws {
    let text = try PlanGraph(Self.plan()).mermaid
    #expect(text.hasPrefix("flowchart TD\n"))
    #expect(text.contains("n0 --> n1") && text.contains("n2([\"stage-2<br/><small>bench.trivial</small>\"]):::waiting"))
  }

  @Test func json() throws {
    let line = try PlanGraph(Self.plan()).json.line
    #expect(line.contains(#"{"from": "stage-0", "to": "stage-1"}"#))
    #expect(line.contains(#"{"label": "stage-0", "stage": "bench.trivial", "status": "execute", "root": false}"#))
  }

  @Test func planAsText() throws {
    let text = PlanReport.text(try Self.plan(), isVerbose: true, Terminal(isTerminal: false, environment: { _ in nil }))
    #expect(text.hasPrefix("a \"b\": 3 stages, 1 to run, 2 waiting for them, 0 cached\n"))
    #expect(text.contains("> stage-0  runs: never computed"))
    for part in ["temperature = 4.0", "layers[1] = 3", "← stage-0", "note = nil", "bench.trivial, version 1"] {
      #expect(text.contains(part), "\(part) in \(text)")
    }
  }

  @Test(arguments: TrivialPipeline.Shape.allCases)
  func benchPipelines(shape: TrivialPipeline.Shape) throws {
    let plan = try Planner(store: MemoryStore()).plan(TrivialPipeline.declared(stages: 250, shape: shape))
    #expect(plan.steps.count == 250)
    #expect(plan.steps.filter { $0.inputs.count == 2 }.count >= 150)
  }
}
