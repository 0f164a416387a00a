import Artifacts
import Storing

/// Steps from an execution to its neighbours, each execution and each recipe being read once.
struct LineageWalk {
  let cache: CacheSnapshot
  private var inputs: [Key: Inputs] = [:]
  private var histories: [Key: [Execution]] = [:]
  private var makers: [Digest: [Execution]] = [:]

  /// What flows into a key, as its recipe tells.
  struct Inputs {
    /// Options with the digests that flowed in.
    var artifacts: [(option: String, digest: Digest)] = []
    var sources: [String: Digest] = [:]
  }

  typealias Neighbour = (execution: Execution, edge: Lineage.Edge)

  init(_ cache: CacheSnapshot) { self.cache = cache }

  /// The graph without labels, breadth first.
  mutating func graph(
    from execution: Execution, _ direction: Lineage.Direction, depth: Int?, limit: Int
  ) throws -> Lineage {
    var graph = Lineage(direction: direction, root: execution.id, nodes: [], edges: [])
    var seen: Set<Int64> = [execution.id]
    var wave = [execution]
    var level = 0
    while !wave.isEmpty {
      var next: [Execution] = []
      for current in wave {
        // Read first: a call in the middle of another one's arguments would copy everything that was read so far.
        let inputs = try inputs(of: current.key)
        graph.nodes.append(node(current, inputs))
        let isLast = depth.map { level >= $0 } ?? false
        let neighbours =
          switch direction {
          case .up: try givers(of: current)
          case .down: try takers(of: current, besides: seen, atMost: isLast ? 1 : limit - seen.count + 1)
          }
        for neighbour in neighbours {
          let id = neighbour.execution.id
          if !seen.contains(id) {
            guard !isLast, seen.count < limit else {
              graph.isCut = true
              continue
            }
            seen.insert(id)
            next.append(neighbour.execution)
          }
          graph.edges.append(neighbour.edge)
        }
      }
      wave = next
      level += 1
    }
    return graph
  }

  mutating func inputs(of key: Key) throws -> Inputs {
    if let known = inputs[key] { return known }
    var found = Inputs()
    if let recipe = try cache.recipe(of: key) {
      for leaf in try RecipeTree.references(of: recipe) {
        switch leaf.value {
        case .input(_, let digest): found.artifacts.append((RecipeTree.optionName(leaf.path), digest))
        case .source(let digest): found.sources[RecipeTree.optionName(leaf.path)] = digest
        default: break
        }
      }
    }
    inputs[key] = found
    return found
  }

  private mutating func history(of key: Key) throws -> [Execution] {
    if let known = histories[key] { return known }
    let found = try cache.history(of: key)
    histories[key] = found
    return found
  }

  /// The execution that gave `digest` to another one.
  private mutating func giver(of digest: Digest, to taker: Execution) throws -> Execution? {
    let known = try makers[digest] ?? cache.producers(of: digest)
    makers[digest] = known
    return CacheSnapshot.giver(of: digest, to: taker, among: known)
  }

  private func node(_ execution: Execution, _ inputs: Inputs) -> Lineage.Node {
    let outputs = execution.outputs
    return Lineage.Node(
      id: execution.id, label: nil, stage: execution.stage, run: execution.run, key: execution.key,
      outputs: outputs.mapValues(\.digest),
      kind: outputs.count == 1
        ? outputs.first?.value.kind ?? "" : Set(outputs.values.map(\.kind)).sorted().joined(separator: ", "),
      bytes: outputs.values.reduce(0) { $0 + $1.bytes }, seconds: execution.details.seconds, sources: inputs.sources)
  }

  private mutating func givers(of execution: Execution) throws -> [Neighbour] {
    var found: [Neighbour] = []
    for (option, digest) in try inputs(of: execution.key).artifacts {
      guard let maker = try giver(of: digest, to: execution) else { continue }
      found.append((maker, Lineage.Edge(from: maker.id, to: execution.id, option: option, digest: digest)))
    }
    return found
  }

  /// The executions that took any of the outputs, or the whole of a bundle; of those that were not seen yet about `limit`.
  private mutating func takers(
    of execution: Execution, besides seen: Set<Int64>, atMost limit: Int
  ) throws -> [Neighbour] {
    var digests = Set(execution.outputs.values.map(\.digest))
    if let whole = execution.digest(port: "") { digests.insert(whole) }
    var found: [Neighbour] = []
    var unseen = 0
    for digest in digests.sorted() {
      for key in try cache.consumers(of: digest) {
        guard unseen <= limit else { break }
        for taker in try history(of: key) {
          // Another execution may have given the same bytes, and the one that did may be forgotten.
          let isRecorded = taker.details.inputs.contains { $0.digest == digest && $0.execution == execution.id }
          guard try isRecorded || giver(of: digest, to: taker)?.id == execution.id else { continue }
          if !seen.contains(taker.id) { unseen += 1 }
          let option = try inputs(of: key).artifacts.first { $0.digest == digest }?.option ?? ""
          found.append((taker, Lineage.Edge(from: execution.id, to: taker.id, option: option, digest: digest)))
        }
      }
    }
    return found.sorted { $0.execution.id < $1.execution.id }
  }
}
