import Synchronization

/// A declared pipeline: its stages in the order of declaration, and those whose results were asked for.
public struct Pipeline: Sendable {
  public var stages: [DeclaredStage]
  /// Positions of the roots, in order, each once.
  public var roots: [Int]
  /// Tells this pipeline's references from another's.
  public let arena: UInt32

  /// Runs `declare`, which calls `stage(_:_:)` and returns the roots.
  public static func declared(by declare: () throws -> Pipeline) rethrows -> Pipeline {
    let arena = PipelineArena()
    var pipeline = try PipelineArena.$current.withValue(arena) { try declare() }
    pipeline.stages = arena.stages
    return Pipeline(stages: arena.stages, roots: pipeline.roots, arena: arena.id)
  }

  init(stages: [DeclaredStage], roots: [Int], arena: UInt32) {
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
  private let storage = Mutex<[DeclaredStage]>([])

  init() { id = Self.last.wrappingAdd(1, ordering: .relaxed).newValue }

  var stages: [DeclaredStage] { storage.withLock { $0 } }

  func add(_ stage: DeclaredStage) -> Int {
    storage.withLock { stages in
      stages.append(stage)
      return stages.count - 1
    }
  }
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
