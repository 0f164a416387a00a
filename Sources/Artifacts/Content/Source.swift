/// A file or folder of the user's that a stage reads: it counts by content, never by path.
public struct SourceDeclaration: Hashable, Sendable {
  public var path: FilePath
  /// Nil for a single file; else the files of the folder that count, relative to it (an optional one may be missing).
  public var members: [Member]?

  public struct Member: Hashable, Sendable, Codable {
    /// A path below the folder; or, beginning with `*`, what the names of files in the folder end in: `*.safetensors`.
    public var name: String
    public var isOptional: Bool

    public init(_ name: String, isOptional: Bool = false) {
      self.name = name
      self.isOptional = isOptional
    }
  }

  public init(path: FilePath, members: [Member]? = nil) {
    self.path = path
    self.members = members
  }
}

/// A file of the user's, as an option of a stage. Its key holds the content's digest.
public struct SourceFile: Hashable, Sendable, CanonicallyEncodable, Decodable, ExpressibleByStringLiteral {
  public var path: FilePath

  public init(_ path: FilePath) { self.path = path }
  public init(_ path: String) { self.path = FilePath(path) }
  public init(stringLiteral value: String) { self.init(value) }

  public var declaration: SourceDeclaration { SourceDeclaration(path: path) }
  public func encodeCanonically(into slot: CanonicalSlot) { slot.write(source: declaration) }

  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    if try encodedCanonically(to: encoder) { return }
    var container = encoder.singleValueContainer()
    try container.encode(path.string)
  }
}

/// A folder of the user's with the files in it that count, as an option of a stage.
public struct SourceFolder: Hashable, Sendable, CanonicallyEncodable, Decodable {
  public var path: FilePath
  public var members: [SourceDeclaration.Member]

  public init(_ path: FilePath, members: [SourceDeclaration.Member]) {
    self.path = path
    self.members = members
  }

  public var declaration: SourceDeclaration { SourceDeclaration(path: path, members: members) }
  public func encodeCanonically(into slot: CanonicalSlot) { slot.write(source: declaration) }

  private enum CodingKeys: CodingKey { case path, members }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    path = FilePath(try fields.decode(String.self, forKey: .path))
    members = try fields.decode([SourceDeclaration.Member].self, forKey: .members)
  }

  public func encode(to encoder: any Encoder) throws {
    if try encodedCanonically(to: encoder) { return }
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(path.string, forKey: .path)
    try fields.encode(members, forKey: .members)
  }
}
