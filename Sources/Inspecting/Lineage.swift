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
  /// Whether there is more than `depth` or `limit` allowed to show.
  public var isCut = false
}

extension Inspector {
  /// Follows inputs or consumers of an execution through all runs, the nearest first. Only what is reached is read.
  ///
  /// - Parameters:
  ///   - depth: how many stages away; nil for all.
  ///   - limit: how many executions at most.
  public func lineage(
    of execution: Execution, _ direction: Lineage.Direction, depth: Int? = nil, limit: Int = .max
  ) throws -> Lineage {
    var lineage = try cache.reading { snapshot in
      var walk = LineageWalk(snapshot)
      return try walk.graph(from: execution, direction, depth: depth, limit: limit)
    }
    let names = try Labels(cache).names(of: lineage.nodes.map(\.key))
    for index in lineage.nodes.indices { lineage.nodes[index].label = names[lineage.nodes[index].key] }
    return lineage
  }
}
