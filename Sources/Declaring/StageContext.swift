/// What a running stage sees of the world: its inputs, its own folder, progress, checkpoints, sub-stages.
///
/// It has no way to reach anything that its key does not cover.
public struct StageContext: Sendable {
  let services: any StageServices

  public init(_ services: any StageServices) { self.services = services }

  // MARK: Inputs

  /// Opens an input, or the result of a sub-stage. Throws for any other reference: the key would not cover it.
  ///
  /// What it returns may be returned as the stage's own output: the store then records it without copying.
  public func load<Output: StageOutput>(_ ref: Ref<Output>) throws -> Output {
    try Output(
      opening: OutputReader { [services] port in
        try services.part(
          of: Edge(node: ref.edge.node, port: port.isEmpty ? ref.edge.port : port, arena: ref.edge.arena))
      })
  }

  /// Copies a file of the user's into the attempt's folder, hashing it on the way; throws where the content is not the
  /// one that was planned. Returns the copy's path.
  public func load(_ file: SourceFile) throws -> FilePath { try services.copy(file.declaration) }

  /// The same for a folder with its declared members.
  public func load(_ folder: SourceFolder) throws -> FilePath { try services.copy(folder.declaration) }

  /// Throws where a file of the user's that is used where it lies is not what was planned any more.
  public func check(_ file: SourceFile) throws { try services.check(file.declaration) }

  public func seed(_ seed: Seed) -> UInt64 { seed.resolved(standard: services.defaultSeed) }

  // MARK: Output

  /// A new, empty folder for an output. What lies in it is published when the stage returns it.
  public func folder(_ name: String = "output") throws -> FilePath { try services.makeFolder(name) }

  // MARK: Work

  /// The threads that this stage may compute with. Never part of a key: results must not depend on it.
  public var threads: Int { services.threads }

  /// The ids of the devices that are this stage's while it runs, by name: as many as it asks for in its `resources`. Never
  /// part of a key: results must not depend on which they are.
  public var devices: [String: [String]] { services.devices }

  /// Says how far the stage is. Cheap: call it every step.
  public func report(_ progress: Progress) { services.report(progress) }

  /// Records a final figure with the execution.
  public func record(_ name: String, _ value: Double) { services.record(name, value) }

  /// Adds a line to the attempt's log.
  public func log(_ line: String) { services.log(line) }

  /// Throws `CancellationError` once the stage should end without a checkpoint.
  public func checkCancellation() throws { try services.checkCancellation() }

  /// Whether the run was asked to end. A stage that has no checkpoints and could take long ends then with
  /// `CancellationError`, if nothing is lost by it that waiting would save.
  public var isStopRequested: Bool { services.isStopRequested }

  // MARK: Checkpoints

  /// The snapshot that an earlier attempt at the same key left, if it is whole and of the same numerics profile.
  public func restore() throws -> Snapshot? { try services.restore() }

  /// Takes a snapshot if one is due or the run was asked to stop; in the latter case throws `CancellationError` once it
  /// is safe on disk. `make` is called on this thread; writing happens in the background.
  public func checkpoint(_ make: () throws -> Snapshot) throws { try services.checkpoint(make) }

  // MARK: Sub-stages

  /// Plans, keys, caches and records another stage as if the pipeline had declared it. Its type must be listed in the
  /// running stage's `uses`.
  ///
  /// While it is awaited the running stage lends its cores and devices to it; a stage cannot wait for a key that it is
  /// itself computing (that throws).
  public func run<S: Stage>(_ stage: S) async throws -> S.Output { try load(try await reference(to: stage)) }

  /// The same without opening the result, as a reference that further sub-stages can take as input.
  public func reference<S: Stage>(to stage: S) async throws -> Ref<S.Output> {
    Ref(edge: try await services.run(stage))
  }
}

/// How far a stage is.
public struct Progress: Sendable, Hashable {
  /// Units done so far.
  public var done: Double
  /// All units; nil while unknown.
  public var total: Double?
  /// What is counted, in the plural: `steps`, `sentences`.
  public var unit: String
  /// The current loss, where there is one.
  public var loss: Double?
  /// A word on the phase, such as `epoch 2 of 3`.
  public var note: String?

  public init(_ done: Double, of total: Double?, unit: String, loss: Double? = nil, note: String? = nil) {
    self.done = done
    self.total = total
    self.unit = unit
    self.loss = loss
    self.note = note
  }
}

/// What `StageContext` stands on: implemented by `Executing`, and by `RetortTesting` for tests of stages.
public protocol StageServices: Sendable {
  var defaultSeed: UInt64 { get }
  var threads: Int { get }
  var devices: [String: [String]] { get }
  func part(of edge: Edge) throws -> StoredPart
  func copy(_ source: SourceDeclaration) throws -> FilePath
  func check(_ source: SourceDeclaration) throws
  func makeFolder(_ name: String) throws -> FilePath
  func report(_ progress: Progress)
  func record(_ name: String, _ value: Double)
  func log(_ line: String)
  func checkCancellation() throws
  var isStopRequested: Bool { get }
  func restore() throws -> Snapshot?
  func checkpoint(_ make: () throws -> Snapshot) throws
  /// Runs a sub-stage and returns the edge under which `part(of:)` knows its output.
  func run<S: Stage>(_ stage: S) async throws -> Edge
}

extension StageServices {
  public func check(_ source: SourceDeclaration) throws { _ = try copy(source) }
  public var isStopRequested: Bool { false }
  public var devices: [String: [String]] { [:] }
}
