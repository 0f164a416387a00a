/// All that is wrong with a pipeline, found before any work: each fault with its code, stage, field and remedy.
public struct PlanFaults: Error, Sendable {
  /// In the order of declaration; faults of the command line come first.
  public var faults: [RetortError]

  public init(_ faults: [RetortError]) { self.faults = faults }
}

extension PlanFaults: CustomStringConvertible {
  public var description: String { faults.map(\.description).joined(separator: "\n") }
}

/// Collects faults while a plan is made.
struct FaultCollector {
  private var found: [(node: Int, error: RetortError)] = []
  /// The nodes with a fault of their own: what follows from it is not reported again.
  private(set) var faulty: Set<Int> = []

  var isEmpty: Bool { found.isEmpty }

  /// - Parameter node: the position of the stage in its pipeline; nil for the pipeline or the command line.
  mutating func add(_ error: RetortError, node: Int? = nil) {
    found.append((node ?? -1, error))
    if let node { faulty.insert(node) }
  }

  /// All faults, in order of declaration.
  var sorted: [RetortError] {
    found.enumerated().sorted { ($0.element.node, $0.offset) < ($1.element.node, $1.offset) }.map(\.element.error)
  }
}
