/// What a stage may return: one artifact, or a bundle of them.
public protocol StageOutput: Sendable {
  /// The ports under which the parts are stored. A single artifact has one, with the empty name.
  static var ports: [OutputPort] { get }
  /// What this type is called as an input: an artifact's kind, a bundle's list of them.
  static var signature: String { get }
  /// The parts, one for each of `ports`.
  func parts() throws -> [OutputPart]
  /// Reads the whole back.
  init(opening reader: OutputReader) throws
}

/// The name of a part and the kind of artifact in it.
public struct OutputPort: Hashable, Sendable, Codable {
  public var name: String
  public var kind: String

  public init(name: String, kind: String) {
    self.name = name
    self.kind = kind
  }
}

/// A part of a stage's output on its way into the store.
public struct OutputPart: Sendable {
  public var port: String
  public var kind: String
  public var content: Content
  public var facts: Facts

  public init(port: String, kind: String, content: Content, facts: Facts) {
    self.port = port
    self.kind = kind
    self.content = content
    self.facts = facts
  }
}

extension StageOutput {
  public static var signature: String { ports.map { "\($0.name):\($0.kind)" }.joined(separator: ",") }
}

/// A stored artifact as it is read: its content, and what its writer knew about it.
public struct StoredPart: Sendable {
  public var content: Content
  public var facts: Facts

  public init(content: Content, facts: Facts) {
    self.content = content
    self.facts = facts
  }
}

/// Gives the stored part of each port.
public struct OutputReader: Sendable {
  private let read: @Sendable (String) throws -> StoredPart

  public init(_ read: @escaping @Sendable (String) throws -> StoredPart) { self.read = read }

  public func callAsFunction(_ port: String = "") throws -> StoredPart { try read(port) }

  /// A reader for one part alone.
  public func part(_ port: String) -> OutputReader { OutputReader { [read] _ in try read(port) } }
}

/// A value that crosses the border between stages: stored once by the digest of its content.
public protocol Artifact: StageOutput {
  /// The stable name of this type of artifact, such as `model.classifier`.
  static var kind: String { get }
  var content: Content { get throws }
  /// What planning may know about it: sizes, labels.
  var facts: Facts { get throws }
  init(_ stored: StoredPart) throws
}

extension Artifact {
  public var facts: Facts { .unknown }

  public static var signature: String { kind }
  public static var ports: [OutputPort] { [OutputPort(name: "", kind: kind)] }

  public func parts() throws -> [OutputPart] {
    [OutputPart(port: "", kind: Self.kind, content: try content, facts: try facts)]
  }

  public init(opening reader: OutputReader) throws { try self.init(try reader()) }
}
