import Synchronization

/// A declared pipeline: its stages in the order of declaration, and those whose results were asked for.
public struct Pipeline: Sendable {
  public var stages: [DeclaredStage]
  /// The roots, in order, each once.
  public var roots: [Edge]
  /// Tells this pipeline's references from another's.
  public let arena: UInt32

  /// Runs `declare`, which calls `stage(_:_:)` and returns the roots.
  public static func declared(by declare: () throws -> Pipeline) rethrows -> Pipeline {
    let arena = PipelineArena()
    var pipeline = try PipelineArena.$current.withValue(arena) { try declare() }
    pipeline.stages = arena.stages
    return Pipeline(stages: arena.stages, roots: pipeline.roots, arena: arena.id)
  }

  init(stages: [DeclaredStage], roots: [Edge], arena: UInt32) {
    self.stages = stages
    self.roots = roots
    self.arena = arena
  }
}

/// A stage with its label, as declared.
public struct DeclaredStage: Sendable {
  /// Nil where the pipeline gave none: it is then named for its type.
  public var label: String?
  public var stage: any Stage

  public init(label: String?, stage: any Stage) {
    self.label = label
    self.stage = stage
  }
}

/// Where the stages of a pipeline lie while its body runs. References index it; nothing in it owns anything else.
final class PipelineArena: Sendable {
  @TaskLocal static var current: PipelineArena?
  private static let last = Atomic<UInt32>(0)

  let id: UInt32
  private let storage = Mutex(Storage())

  private struct Storage {
    var stages: [DeclaredStage] = []
    /// Filled when a label is first asked for: most pipelines never do.
    var positions: [String: Int] = [:]
    var indexed = 0

    mutating func position(of label: String) -> Int? {
      while indexed < stages.count {
        if let label = stages[indexed].label, positions[label] == nil { positions[label] = indexed }
        indexed += 1
      }
      return positions[label]
    }
  }

  init() { id = Self.nextID() }

  /// A number that no other arena of this process has; sub-stages take one too.
  static func nextID() -> UInt32 { last.wrappingAdd(1, ordering: .relaxed).newValue }

  var stages: [DeclaredStage] { storage.withLock { $0.stages } }

  func add(_ stage: DeclaredStage) -> Int {
    storage.withLock { storage in
      storage.stages.append(stage)
      return storage.stages.count - 1
    }
  }

  func stage(at position: Int) -> DeclaredStage? {
    storage.withLock { $0.stages.indices.contains(position) ? $0.stages[position] : nil }
  }

  func position(of label: String) -> Int? { storage.withLock { $0.position(of: label) } }
}

/// References to sub-stages live in arenas of their own.
package enum SubArena {
  package static func next() -> UInt32 { PipelineArena.nextID() }
}

/// Declares a stage under a label for people, and returns a reference to what it will give.
///
/// Call it inside a pipeline's `body`. Outside of one the reference points nowhere, which planning reports.
@discardableResult
public func stage<S: Stage>(_ label: String, _ stage: S) -> Ref<S.Output> { declare(label, stage) }

func declare<S: Stage>(_ label: String?, _ stage: S) -> Ref<S.Output> {
  guard let arena = PipelineArena.current else { return Ref(edge: Edge(node: -1, arena: 0)) }
  return Ref(edge: Edge(node: arena.add(DeclaredStage(label: label, stage: stage)), arena: arena.id))
}
