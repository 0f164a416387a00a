/// What a stage would compute: its identity and options, with holes where the contents of its inputs go.
public struct RecipeTemplate: Sendable, Hashable {
  /// The version of the key's own format.
  public static let format = 1

  /// Plans hand templates on many times: a copy is one reference.
  private let content: Content

  private final class Content: Sendable {
    let bytes: [UInt8]
    let holes: [PlacedHole]
    let sources: [SourceDeclaration]

    init(_ bytes: [UInt8], _ holes: [PlacedHole], _ sources: [SourceDeclaration]) {
      (self.bytes, self.holes, self.sources) = (bytes, holes, sources)
    }
  }

  var bytes: [UInt8] { content.bytes }
  /// Where the digests of inputs and sources go, in order of their place.
  public var holes: [PlacedHole] { content.holes }
  /// The files and folders that the options name.
  public var sources: [SourceDeclaration] { content.sources }

  /// A hole with the offset of its 32 bytes.
  public struct PlacedHole: Hashable, Sendable {
    public var offset: Int
    public var hole: RecipeHole
  }

  /// Encodes the identity and the options of a stage.
  ///
  /// - Parameters:
  ///   - uses: identifiers and versions of the stages that it may run inside itself, transitively.
  ///   - outputs: the ports that the stage writes, with their kinds: a generic stage's types differ in them.
  ///   - machine: the profile of this machine for a stage that measures it; nil for all others.
  ///   - defaultSeed: the seed of stages that have none of their own.
  /// - Throws: `RetortError` where a value has no canonical form (NaN, a field encoded twice), or what the options' own
  ///   `encode(to:)` throws.
  public init(
    stage: String, version: Int, uses: [StageIdentity] = [], options: some Encodable,
    outputs: [OutputPort] = [], machine: MachineProfile? = nil, defaultSeed: UInt64
  ) throws {
    let envelope = try RecipeEnvelope(stage: stage, version: version, uses: uses, outputs: outputs, machine: machine)
    self = try RecipeEncoder(defaultSeed: defaultSeed).template(of: options, in: envelope)
  }

  init(bytes: [UInt8], holes: [PlacedHole], sources: [SourceDeclaration]) {
    content = Content(bytes, holes, sources)
  }

  public static func == (left: RecipeTemplate, right: RecipeTemplate) -> Bool {
    left.content === right.content
      || left.bytes == right.bytes && left.holes == right.holes && left.sources == right.sources
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(bytes) }

  /// Stands for options that have no canonical form, which planning reports as a fault: it has no edges and no key.
  public static let unencodable = RecipeTemplate(bytes: [], holes: [], sources: [])

  /// The edges to other stages, in order of their place.
  public var edges: [Edge] {
    holes.compactMap { if case .input(let edge) = $0.hole { edge } else { nil } }
  }

  /// The same, each once.
  public var distinctEdges: [Edge] {
    var found: [Edge] = []
    var seen: Set<Edge>?
    found.reserveCapacity(holes.count)
    for placed in holes {
      guard case .input(let edge) = placed.hole else { continue }
      // A stage may compare thousands of others: then a table is worth its price.
      if found.count == 8, seen == nil { seen = Set(found) }
      if seen?.insert(edge).inserted ?? !found.contains(edge) { found.append(edge) }
    }
    return found
  }

  /// The edges of options that have no canonical form, as far as they can be found: planning goes on with them to report
  /// all faults at once.
  public static func edges(of options: some Encodable) -> [Edge] {
    let sink = CanonicalSink(defaultSeed: 0, seeksEdgesOnly: true)
    try? CanonicalWriter.write(options, to: 0, of: sink)
    return sink.holes.compactMap { if case .input(let edge) = $0 { edge } else { nil } }
  }

  /// The recipe with every hole filled; nil where `digest` knows one not yet.
  public func filled(_ digest: (RecipeHole) throws -> Digest?) rethrows -> Recipe? {
    var copy = bytes
    for placed in holes {
      guard let value = try digest(placed.hole) else { return nil }
      value.write(to: &copy, at: placed.offset)
    }
    return Recipe(bytes: copy)
  }

  /// The key of the recipe with every hole filled, for who does not need the recipe itself.
  ///
  /// - Parameter memory: used again from call to call.
  public func key(in memory: inout [UInt8], _ digest: (RecipeHole) throws -> Digest?) rethrows -> Key? {
    memory.removeAll(keepingCapacity: true)
    memory.append(contentsOf: Recipe.domain)
    memory.append(contentsOf: bytes)
    for placed in holes {
      guard let value = try digest(placed.hole) else { return nil }
      value.write(to: &memory, at: Recipe.domain.count + placed.offset)
    }
    return Key(Digest(of: memory))
  }
}

/// The identity of a kind of stage: what `Stage.id` and `Stage.version` say.
public struct StageIdentity: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
  public var id: String
  public var version: Int

  public init(id: String, version: Int) {
    self.id = id
    self.version = version
  }

  public static func < (left: StageIdentity, right: StageIdentity) -> Bool {
    (left.id, left.version) < (right.id, right.version)
  }

  public var description: String { "\(id)@\(version)" }
}

/// Everything that decides a stage's output, in the canonical encoding: its digest is the key, its tree answers *why*.
public struct Recipe: Hashable, Sendable {
  public let bytes: [UInt8]

  /// Takes bytes that were written by `RecipeTemplate.filled`, for instance from the index.
  public init(bytes: [UInt8]) { self.bytes = bytes }

  /// SHA-256 over a domain prefix and the canonical bytes.
  public var key: Key {
    var hasher = ContentHasher()
    hasher.update(Self.domain)
    hasher.update(bytes)
    return Key(hasher.finish())
  }

  static let domain = Array("retort key\u{0}".utf8)
}
