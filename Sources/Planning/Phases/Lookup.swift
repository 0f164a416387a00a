/// Finds what is cached, as far as keys are known: a key holds the contents of the inputs, so it is known once theirs are.
struct Lookup {
  let discovery: Discovery
  let graph: DependentGraph
  let isForced: [Bool]
  let sources: [SourceDeclaration: Digest]

  var executions: [Execution?] { results.executions }
  private let results: Results
  private(set) var keys: [Key?]
  /// The recipes of steps whose key is known and whose result is not there.
  private(set) var missing: [Int: Recipe] = [:]
  private var inputsLeft: [Int32]
  private var ready: [Int] = []
  /// Where recipes are put together: only their keys are kept.
  private var memory: [UInt8] = []

  init(
    discovery: Discovery, graph: DependentGraph, isForced: [Bool], sources: [SourceDeclaration: Digest]
  ) {
    self.discovery = discovery
    self.graph = graph
    self.isForced = isForced
    self.sources = sources
    results = Results(count: discovery.nodes.count)
    keys = Array(repeating: nil, count: discovery.nodes.count)
    inputsLeft = Array(repeating: 0, count: discovery.nodes.count)
    for step in discovery.nodes.indices {
      for dependent in graph.dependents(of: step) { inputsLeft[Int(dependent)] += 1 }
    }
    ready = inputsLeft.indices.filter { inputsLeft[$0] == 0 }
  }

  /// Asks the store in waves: all keys that are known together in one call.
  ///
  /// - Parameter recalled: what the store gave for the keys of the last run.
  mutating func run(
    store: any ArtifactStore, profile: NumericsProfile, knowing recalled: [Key: Execution], pinnedBy run: RunID?
  ) throws {
    var known = recalled
    while true {
      let unknown = settle(with: known)
      if unknown.isEmpty { return }
      known = try store.executions(of: unknown.map(\.key), preferring: profile, pinnedBy: run)
      for (step, key) in unknown {
        if known[key] != nil {
          ready.append(step)
        } else if let template = discovery.templates[step] {
          missing[step] = recipe(of: step, template)
        }
      }
      if ready.isEmpty { return }
    }
  }

  /// Goes on from step to step while their keys are in `known`, and returns the steps whose keys are not.
  private mutating func settle(with known: [Key: Execution]) -> [(step: Int, key: Key)] {
    var unknown: [(Int, Key)] = []
    var next = 0
    while next < ready.count {
      let step = ready[next]
      next += 1
      guard let template = discovery.templates[step] else { continue }
      var filling = InputFilling(template: template, inputs: discovery.inputs[step], sources: sources)
      let key = template.key(in: &memory) { [results] hole in
        filling.digest(for: hole) { results.digest(of: $0, port: $1) }
      }
      guard let key else { continue }
      keys[step] = key
      if isForced[step] {
        missing[step] = recipe(of: step, template)
      } else if let execution = known[key] {
        results.set(step, execution)
        release(step)
      } else {
        unknown.append((step, key))
      }
    }
    ready.removeAll(keepingCapacity: true)
    return unknown
  }

  private func recipe(of step: Int, _ template: RecipeTemplate) -> Recipe? {
    var filling = InputFilling(template: template, inputs: discovery.inputs[step], sources: sources)
    return template.filled { [results] hole in filling.digest(for: hole) { results.digest(of: $0, port: $1) } }
  }

  private mutating func release(_ step: Int) {
    for dependent in graph.dependents(of: step) {
      inputsLeft[Int(dependent)] -= 1
      if inputsLeft[Int(dependent)] == 0 { ready.append(Int(dependent)) }
    }
  }
}

extension Lookup {
  /// What was found so far. Shared by reference: closures that ask it would copy it.
  fileprivate final class Results {
    var executions: [Execution?]
    /// What steps with a single output give: the usual case, looked up for every input.
    private var digests: [Digest?]

    init(count: Int) {
      executions = Array(repeating: nil, count: count)
      digests = Array(repeating: nil, count: count)
    }

    func set(_ step: Int, _ execution: Execution) {
      executions[step] = execution
      digests[step] = execution.digest(port: "")
    }

    func digest(of step: Int, port: String) -> Digest? {
      port.isEmpty ? digests[step] : executions[step]?.digest(port: port)
    }
  }
}
