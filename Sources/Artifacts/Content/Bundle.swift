/// Several artifacts that one stage writes together, each under a port of its own.
///
/// The ports are declared as a table, for a key path cannot tell its name:
/// ```swift
/// struct Split: ArtifactBundle {
///   var train: Corpus
///   var dev: Corpus
///   static let table = [BundlePort("train", \Split.train), BundlePort("dev", \Split.dev)]
///   init(opening reader: OutputReader) throws {
///     train = try Corpus(opening: reader.part("train"))
///     dev = try Corpus(opening: reader.part("dev"))
///   }
/// }
/// ```
public protocol ArtifactBundle: StageOutput {
  static var table: [BundlePort<Self>] { get }
}

/// A port of a bundle: its name, and the property that holds its artifact.
public struct BundlePort<Bundle>: Sendable {
  public let name: String
  public let kind: String
  /// Whether the part is a folder of files.
  package let isFolder: Bool
  let path: any PartialKeyPath<Bundle> & Sendable
  let part: @Sendable (Bundle) throws -> OutputPart

  public init<Value: Artifact>(_ name: String, _ path: any KeyPath<Bundle, Value> & Sendable) {
    self.name = name
    self.kind = Value.kind
    self.isFolder = Value.self is any FolderArtifact.Type
    self.path = path
    self.part = { bundle in
      let value = bundle[keyPath: path]
      return OutputPart(port: name, kind: Value.kind, content: try value.content, facts: try value.facts)
    }
  }

  /// Whether this is the port of the property at `other`.
  public func matches(_ other: PartialKeyPath<Bundle>) -> Bool { path == other }
}

extension ArtifactBundle {
  public static var ports: [OutputPort] { table.map { OutputPort(name: $0.name, kind: $0.kind) } }
  public func parts() throws -> [OutputPart] { try Self.table.map { try $0.part(self) } }
}
