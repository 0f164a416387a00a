/// How a result came about, as far as a run knows when it delivers it: the steps before it, with what they gave.
///
/// Labels, paths and figures are in it, which no key holds; so what is made of it belongs to no artifact.
public struct DeliveryAccount: Sendable {
  /// In an order in which each step comes after those that it took from; the delivering one is the last.
  public var steps: [Step]
  private let open: @Sendable (Edge) throws -> StoredPart

  public struct Step: Sendable {
    public var label: String
    public var stage: StageIdentity
    /// The options by name, as text; those that name inputs or files stand below.
    public var options: [Option]
    public var inputs: [Input]
    public var sources: [Source]
    /// The results by port, the empty name for a single one; none where they are not in the store any more.
    public var outputs: [String: ArtifactRecord]

    public init(
      label: String, stage: StageIdentity, options: [Option] = [], inputs: [Input] = [], sources: [Source] = [],
      outputs: [String: ArtifactRecord] = [:]
    ) {
      (self.label, self.stage, self.options, self.inputs) = (label, stage, options, inputs)
      (self.sources, self.outputs) = (sources, outputs)
    }
  }

  public struct Option: Sendable, Hashable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
  }

  public struct Input: Sendable, Hashable {
    /// The reference in the step's options.
    public var edge: Edge
    /// Which of `steps` gave it.
    public var step: Int

    public init(edge: Edge, step: Int) { (self.edge, self.step) = (edge, step) }
  }

  /// A file or folder of the user's that a step read.
  public struct Source: Sendable, Hashable {
    public var option: String
    public var path: FilePath
    public var digest: Digest

    public init(option: String, path: FilePath, digest: Digest) {
      (self.option, self.path, self.digest) = (option, path, digest)
    }
  }

  /// - Parameter open: reads a result that a reference of the delivering step points at.
  public init(steps: [Step], open: @escaping @Sendable (Edge) throws -> StoredPart) {
    (self.steps, self.open) = (steps, open)
  }

  /// Opens a result that the delivering stage refers to.
  public func load<Output: StageOutput>(_ ref: Ref<Output>) throws -> Output {
    try Output(
      opening: OutputReader { port in
        try open(Edge(node: ref.edge.node, port: port.isEmpty ? ref.edge.port : port, arena: ref.edge.arena))
      })
  }

  /// The step that a reference of the delivering stage points at.
  public func step<Output>(of ref: Ref<Output>) -> Step? {
    steps.last?.inputs.first { $0.edge.node == ref.edge.node && $0.edge.arena == ref.edge.arena }.map { steps[$0.step] }
  }
}

/// A small file that is written beside a delivered result and says what it is.
public struct DeliveryNote: Sendable, Hashable {
  /// A plain name.
  public var name: String
  public var bytes: [UInt8]

  public init(_ name: String, _ text: String) { (self.name, bytes) = (name, Array(text.utf8)) }
}
