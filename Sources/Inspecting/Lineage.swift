import Artifacts
import Storing

/// From what something was made, or what was made from it: executions, and what flowed between them.
public struct Lineage: Sendable, Hashable, Codable {
  public enum Direction: String, Sendable, Codable {
    /// Towards the sources.
    case up
    /// Towards what was made from it.
    case down
  }

  public struct Node: Sendable, Hashable, Codable {
    /// The execution's id.
    public var id: Int64
    public var label: String?
    public var stage: StageIdentity
    public var run: RunID
    public var key: Key
    /// The outputs by port.
    public var outputs: [String: Digest]
    public var kind: String
    public var bytes: Int
    public var seconds: Double
    /// Files of the user's that it read: the option that names them, and their digest.
    public var sources: [String: Digest] = [:]
  }

  public struct Edge: Sendable, Hashable, Codable {
    /// The execution that gave.
    public var from: Int64
    /// The execution that took.
    public var to: Int64
    /// The option that took it.
    public var option: String
    public var digest: Digest
  }

  public var direction: Direction
  /// The execution that was asked for.
  public var root: Int64
  public var nodes: [Node]
  public var edges: [Edge]
  /// Whether there is more than `depth` allowed to show.
  public var isCut = false
}

extension Inspector {
  /// Follows inputs or consumers of an execution through all runs.
  ///
  /// - Parameter depth: how many stages away; nil for all.
  public func lineage(
    of execution: Execution, _ direction: Lineage.Direction, depth: Int? = nil
  ) throws -> Lineage {
    let labels = try Labels(cache)
    return try cache.reading { snapshot in
      var walk = LineageWalk(cache: snapshot, labels: labels)
      return try walk.graph(from: execution, direction, depth: depth)
    }
  }
}

/// Steps from an execution to its neighbours.
struct LineageWalk {
  let cache: CacheSnapshot
  let labels: Labels
  /// A recipe is read once, on the way to its node or at it.
  private var known: [Key: Inputs] = [:]

  init(cache: CacheSnapshot, labels: Labels) {
    self.cache = cache
    self.labels = labels
  }

  mutating func graph(from execution: Execution, _ direction: Lineage.Direction, depth: Int?) throws -> Lineage {
    var graph = Lineage(direction: direction, root: execution.id, nodes: [], edges: [])
    var seen: Set<Int64> = [execution.id]
    var wave = [execution]
    var level = 0
    while !wave.isEmpty {
      var next: [Execution] = []
      for current in wave {
        let inputs = try inputs(of: current)
        graph.nodes.append(node(current, inputs))
        let neighbours: [(execution: Execution, edge: Lineage.Edge)] =
          switch direction {
          case .up: try givers(of: current, inputs)
          case .down: try takers(of: current)
          }
        if let depth, level >= depth {
          graph.isCut = graph.isCut || !neighbours.isEmpty
          continue
        }
        for neighbour in neighbours {
          graph.edges.append(neighbour.edge)
          if seen.insert(neighbour.execution.id).inserted { next.append(neighbour.execution) }
        }
      }
      wave = next
      level += 1
    }
    return graph
  }

  struct Inputs {
    /// Options with the digests that flowed in.
    var artifacts: [(option: String, digest: Digest)] = []
    var sources: [String: Digest] = [:]
  }

  mutating func inputs(of execution: Execution) throws -> Inputs {
    if let inputs = known[execution.key] { return inputs }
    var inputs = Inputs()
    guard let recipe = try cache.recipe(of: execution.key) else { return inputs }
    for leaf in try RecipeTree(recipe).leaves {
      switch leaf.value {
      case .input(_, let digest): inputs.artifacts.append((RecipeTree.optionName(leaf.path), digest))
      case .source(let digest): inputs.sources[RecipeTree.optionName(leaf.path)] = digest
      default: break
      }
    }
    known[execution.key] = inputs
    return inputs
  }

  func node(_ execution: Execution, _ inputs: Inputs) -> Lineage.Node {
    Lineage.Node(
      id: execution.id, label: labels[execution.key], stage: execution.stage, run: execution.run, key: execution.key,
      outputs: execution.outputs.mapValues(\.digest),
      kind: Set(execution.outputs.values.map(\.kind)).sorted().joined(separator: ", "),
      bytes: execution.outputs.values.reduce(0) { $0 + $1.bytes }, seconds: execution.details.seconds,
      sources: inputs.sources)
  }

  /// The executions that gave the inputs: those that were recorded, else the newest before it with that digest.
  func givers(of execution: Execution, _ inputs: Inputs) throws -> [(execution: Execution, edge: Lineage.Edge)] {
    try inputs.artifacts.compactMap { option, digest in
      let recorded = Set(execution.details.inputs.filter { $0.digest == digest }.map(\.execution))
      let makers = try cache.producers(of: digest)
      guard let maker = makers.last(where: { recorded.contains($0.id) }) ?? makers.last(where: { $0.id < execution.id })
      else { return nil }
      return (maker, Lineage.Edge(from: maker.id, to: execution.id, option: option, digest: digest))
    }
  }

  /// The executions that took any of the outputs, or the whole of a bundle.
  mutating func takers(of execution: Execution) throws -> [(execution: Execution, edge: Lineage.Edge)] {
    var digests = Set(execution.outputs.values.map(\.digest))
    if let whole = execution.digest(port: "") { digests.insert(whole) }
    var found: [(execution: Execution, edge: Lineage.Edge)] = []
    for digest in digests.sorted() {
      for key in try cache.consumers(of: digest) {
        for taker in try cache.history(of: key) {
          let recorded = taker.details.inputs.filter { $0.digest == digest }
          // Another execution may have given the same bytes.
          guard recorded.isEmpty || recorded.contains(where: { $0.execution == execution.id }) else { continue }
          let option = try inputs(of: taker).artifacts.first { $0.digest == digest }?.option ?? ""
          found.append((taker, Lineage.Edge(from: execution.id, to: taker.id, option: option, digest: digest)))
        }
      }
    }
    return found.sorted { $0.execution.id < $1.execution.id }
  }
}
