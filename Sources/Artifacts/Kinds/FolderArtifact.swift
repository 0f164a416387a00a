/// An artifact that is a folder of files.
public protocol FolderArtifact: Artifact {
  var folder: FilePath { get }
  init(folder: FilePath, facts: Facts)
}

extension FolderArtifact {
  public var content: Content { .folder(folder) }

  public init(_ stored: StoredPart) throws {
    guard case .folder(let path) = stored.content else {
      throw RetortError(
        "artifact.form", "A value was stored where a folder of kind “\(Self.kind)” is expected.", blame: .internal)
    }
    self.init(folder: path, facts: stored.facts)
  }
}
