import Artifacts
import Declaring
import FoundationEssentials
import Synchronization

/// Runs a single stage in a test: give it inputs, run it, look at what it returned, reported, and left as snapshots.
///
/// ```swift
/// let services = FakeServices()
/// let three = try services.input(Number(3))
/// let six = try await services.result(of: Scale(three, by: 2))
/// ```
///
/// It holds a stage to the same rules as the engine does: it cannot load what is no stored property of it, nor run what it
/// does not list in `uses`.
public final class FakeServices: StageServices {
  /// What all stages that run through one object share.
  private final class World: Sendable {
    let root: FilePath
    let parts = Mutex<[Edge: [String: StoredPart]]>([:])
    let next = Mutex(0)
    let journal = Mutex(Journal())

    init() {
      root = FilePath(
        FileManager.default.temporaryDirectory.appendingPathComponent("retort-stage-\(UUID().uuidString)").path)
    }

    deinit { try? Files.remove(root) }

    func number() -> Int {
      next.withLock { next in
        next += 1
        return next
      }
    }
  }

  /// What stages said and left.
  public struct Journal: Sendable {
    public var progress: [Declaring.Progress] = []
    public var metrics: [String: Double] = [:]
    public var log: [String] = []
    public var snapshots: [Snapshot] = []
    /// The ids of the sub-stages that ran, in order.
    public var substages: [String] = []
  }

  public let defaultSeed: UInt64
  public let threads: Int
  public let devices: [String: [String]]
  private let arena: UInt32
  private let world: World
  /// The stage that runs, as far as its rules need it.
  private let allowed: Mutex<Set<Edge>>
  private let uses: [any Stage.Type]
  /// How many checkpoints are taken before the stage is told to stop; nil for never.
  private let checkpointLimit: Int?

  /// - Parameter checkpointLimit: stops the stage with `CancellationError` after so many snapshots, as Ctrl-C would.
  public init(
    defaultSeed: UInt64 = 0, threads: Int = 1, devices: [String: [String]] = [:], checkpointLimit: Int? = nil
  ) {
    self.defaultSeed = defaultSeed
    self.threads = threads
    self.devices = devices
    self.checkpointLimit = checkpointLimit
    arena = SubArena.next()
    world = World()
    allowed = Mutex([])
    uses = []
  }

  private init(running stage: any Stage, in parent: FakeServices) {
    (defaultSeed, threads, checkpointLimit) = (parent.defaultSeed, parent.threads, parent.checkpointLimit)
    (arena, world, devices) = (parent.arena, parent.world, parent.devices)
    allowed = Mutex(Set(RecipeTemplate.edges(of: stage)))
    uses = stage.uses
  }

  public var journal: Journal { world.journal.withLock { $0 } }

  /// Lets `restore()` find a snapshot, as after a kill.
  public func restore(from snapshot: Snapshot) { world.journal.withLock { $0.snapshots.append(snapshot) } }

  /// Lets the next stage start anew, whose snapshots those of an earlier one are not.
  public func forgetSnapshots() { world.journal.withLock { $0.snapshots = [] } }

  /// Makes a value known, as if a stage had returned it.
  public func input<Output: StageOutput>(_ output: Output) throws -> Ref<Output> {
    let edge = Edge(node: world.number(), arena: arena)
    var parts: [String: StoredPart] = [:]
    for part in try output.parts() { parts[part.port] = StoredPart(content: part.content, facts: part.facts) }
    world.parts.withLock { $0[edge] = parts }
    return Ref(edge: edge)
  }

  /// What lies under a reference, for a test to look at.
  public func stored(_ edge: Edge) throws -> StoredPart {
    let parts = world.parts.withLock { $0[Edge(node: edge.node, arena: edge.arena)] } ?? [:]
    guard let part = parts[edge.port] else {
      throw RetortError("stage.unknown-port", "The input has no port “\(edge.port)”.", blame: .stage)
    }
    return part
  }

  /// Checks a stage as planning would, with the facts of its inputs.
  public func faults(of stage: some Stage) -> [RetortError] {
    var forecast = Forecast(inputs: facts(for: stage))
    _ = stage.forecast(&forecast)
    return forecast.faults
  }

  /// What planning would know of a stage's output.
  public func forecast(of stage: some Stage) -> Facts {
    var forecast = Forecast(inputs: facts(for: stage))
    return stage.forecast(&forecast)
  }

  /// Runs a stage to its end. Folders that it made live as long as this object.
  public func result<S: Stage>(of stage: S) async throws -> S.Output {
    _ = try RecipeTemplate(stage: S.id, version: S.version, options: stage, defaultSeed: defaultSeed)
    return try await stage.run(StageContext(FakeServices(running: stage, in: self)))
  }

  private func facts(for stage: some Stage) -> [Edge: Facts] {
    var known: [Edge: Facts] = [:]
    for edge in RecipeTemplate.edges(of: stage) { known[edge] = facts(of: edge) }
    return known
  }

  private func facts(of edge: Edge) -> Facts {
    let parts = world.parts.withLock { $0[Edge(node: edge.node, arena: edge.arena)] } ?? [:]
    if let single = parts[edge.port] { return single.facts }
    var facts = Facts()
    facts.ports = parts.mapValues(\.facts)
    return facts
  }

  // MARK: StageServices

  public func part(of edge: Edge) throws -> StoredPart {
    let isAllowed = allowed.withLock { edges in
      edges.contains(edge) || edges.contains(Edge(node: edge.node, arena: edge.arena))
    }
    guard isAllowed else {
      throw RetortError(
        "stage.undeclared-input", "The stage loads a reference that is no stored property of it.",
        remedy: "Store it in the stage, so that its key covers it.", blame: .stage)
    }
    let parts = world.parts.withLock { $0[Edge(node: edge.node, arena: edge.arena)] } ?? [:]
    guard let part = parts[edge.port] else {
      throw RetortError("stage.unknown-port", "The input has no port “\(edge.port)”.", blame: .stage)
    }
    return part
  }

  public func copy(_ source: SourceDeclaration) throws -> FilePath {
    let folder = try makeFolder("sources")
    _ = try source.copy(into: folder)
    return source.members == nil ? folder.appending(source.fileName) : folder
  }

  /// There is no plan that a file could differ from: it only has to be there.
  public func check(_ source: SourceDeclaration) throws { _ = try source.digest() }

  public func makeFolder(_ name: String) throws -> FilePath {
    let folder = world.root.appending("\(name)-\(world.number())")
    try Files.makeFolder(folder)
    return folder
  }

  public func report(_ progress: Declaring.Progress) { world.journal.withLock { $0.progress.append(progress) } }
  public func record(_ name: String, _ value: Double) { world.journal.withLock { $0.metrics[name] = value } }
  public func log(_ line: String) { world.journal.withLock { $0.log.append(line) } }
  public func checkCancellation() throws { try Task.checkCancellation() }
  public func restore() throws -> Snapshot? { world.journal.withLock { $0.snapshots.last } }

  public func checkpoint(_ make: () throws -> Snapshot) throws {
    let snapshot = try make()
    let count = world.journal.withLock { journal in
      journal.snapshots.append(snapshot)
      return journal.snapshots.count
    }
    if let checkpointLimit, count >= checkpointLimit { throw CancellationError() }
  }

  public func run<S: Stage>(_ stage: S) async throws -> Edge {
    guard uses.contains(where: { $0 == S.self }) else {
      throw RetortError(
        "plan.substage-unlisted", "The stage runs “\(S.id)”, which it does not list in `uses`.",
        remedy: "Add \(S.self).self to its `uses`.", blame: .stage)
    }
    world.journal.withLock { $0.substages.append(S.id) }
    let edge = try input(try await result(of: stage)).edge
    allowed.withLock { _ = $0.insert(edge) }
    return edge
  }
}
