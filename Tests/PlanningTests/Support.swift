import Artifacts
import Declaring
import Planning
import RetortTesting
import Testing

/// Declares a pipeline as a program's body would.
func pipeline(@PipelineBuilder _ body: () -> Pipeline) -> Pipeline { Pipeline.declared(by: body) }

/// Runs a plan step by step in the order of the plan, as the simplest scheduler would.
struct SerialRunner {
  let store: MemoryStore

  /// - Returns: the labels that were executed, in order.
  @discardableResult
  func run(_ pipeline: Pipeline, _ options: PlanOptions = PlanOptions()) async throws -> [String] {
    try await run(Planner(store: store, options: options).plan(pipeline))
  }

  @discardableResult
  func run(_ plan: Plan) async throws -> [String] {
    let request = RunRequest(
      pipeline: plan.options.pipeline, arguments: [], options: [:], startedAt: 0, profile: plan.options.machine.numerics
    )
    let run = try store.beginRun(request, steps: plan.runSteps, hits: plan.hits)
    var executions: [Int: Execution] = [:]
    var steps = plan.runSteps
    var ran: [String] = []
    for step in plan.steps {
      if let execution = step.cached {
        executions[step.index] = execution
        continue
      }
      guard step.isSelected else { continue }
      let recipe = try #require(plan.recipe(of: step.index) { executions[$0] })
      steps[step.index].key = recipe.key
      if case .cached(let execution) = try plan.decide(step.index, recipe: recipe, in: store, for: run) {
        executions[step.index] = execution
        steps[step.index].outcome = .cached
        continue
      }
      let services = StoreServices(
        store: store, inputs: step.inputs, executions: executions, seed: plan.options.defaultSeed)
      let parts = try await Self.parts(of: step.stage, StageContext(services))
      executions[step.index] = try store.record(
        recipe, stage: step.identity, parts: parts, profile: plan.options.machine.numerics, run: run)
      steps[step.index].outcome = .ran
      ran.append(step.label)
    }
    try store.finishRun(run, outcome: .succeeded, steps: steps, ran: ran.count, cached: 0, failed: 0)
    return ran
  }

  private static func parts(of stage: some Stage, _ context: StageContext) async throws -> [OutputPart] {
    try await stage.run(context).parts()
  }
}

/// Gives a stage what the store holds of its inputs.
private struct StoreServices: StageServices {
  let store: MemoryStore
  /// By position of the stage in its pipeline.
  let executions: [Int: Execution]
  let seed: UInt64

  init(store: MemoryStore, inputs: [Step.Input], executions: [Int: Execution], seed: UInt64) {
    (self.store, self.seed) = (store, seed)
    var known: [Int: Execution] = [:]
    for input in inputs { known[input.edge.node] = executions[input.step] }
    self.executions = known
  }

  var defaultSeed: UInt64 { seed }
  var threads: Int { 1 }

  func part(of edge: Edge) throws -> StoredPart {
    let record = try #require(executions[edge.node]?.outputs[edge.port])
    return StoredPart(content: try store.content(of: record.digest), facts: record.facts)
  }

  func copy(_ source: SourceDeclaration) throws -> FilePath { source.path }
  func makeFolder(_ name: String) throws -> FilePath { store.root.appending(name) }
  func report(_ progress: Progress) {}
  func record(_ name: String, _ value: Double) {}
  func log(_ line: String) {}
  func checkCancellation() throws {}
  func restore() throws -> Snapshot? { nil }
  func checkpoint(_ make: () throws -> Snapshot) throws {}
  func run<S: Stage>(_ stage: S) async throws -> Edge { Edge(node: -1, arena: 0) }
}

/// A folder for a test's files, removed with it.
final class TestFolder: Sendable {
  let path: FilePath

  init() throws {
    path = MemoryStore().root.removingLastComponent().appending("retort-plan-\(UInt64.random(in: 0 ... .max))")
    try Files.makeFolder(path)
  }

  deinit { try? Files.remove(path) }

  func file(_ name: String, _ text: String) throws -> FilePath {
    let file = path.appending(name)
    try Files.replace(file, with: Array(text.utf8), isDurable: false)
    return file
  }
}

/// A small generator for tests: the same numbers on every machine.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }
}
