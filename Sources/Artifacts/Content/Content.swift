/// The bytes of an artifact: a small or large value, or a folder of files.
public enum Content: Sendable, Hashable {
  /// Bytes in memory.
  case value([UInt8])
  /// A folder: the stage's own before publication, the store's (read-only) after it.
  case folder(FilePath)
}

/// Content with what the store knows about it.
public struct ArtifactRecord: Sendable, Hashable, Codable {
  /// The digest of the content alone: what keys of later stages hold.
  public var digest: Digest
  /// `Artifact.kind` of the type that wrote it.
  public var kind: String
  /// The size of all files, in bytes.
  public var bytes: Int
  public var facts: Facts

  public init(digest: Digest, kind: String, bytes: Int, facts: Facts) {
    self.digest = digest
    self.kind = kind
    self.bytes = bytes
    self.facts = facts
  }
}
