import Artifacts

/// What can be said about a published object.
enum ObjectCheck {
  /// Whether the object is there with the sizes that were recorded: a few calls, no reading.
  static func hasRightSize(_ path: FilePath, _ content: StoredContent) throws -> Bool {
    switch content.form {
    case .inline: return true
    case .file: return try Files.status(of: path).map { $0.kind == .file && $0.bytes == content.bytes } ?? false
    case .folder:
      guard try Files.status(of: path)?.kind == .folder else { return false }
      for entry in try FolderManifest(encoded: content.data).entries {
        let status = try Files.status(of: path.appending(FilePath(entry.path).components), followsLinks: false)
        guard let file = entry.file else {
          guard status?.kind == .folder else { return false }
          continue
        }
        guard status?.kind == .file, status?.bytes == file.bytes else { return false }
      }
      return true
    }
  }

  /// Whether the object's bytes are those of its digest.
  static func isIntact(_ path: FilePath, _ digest: Digest, _ form: ContentForm) throws -> Bool {
    do {
      return switch form {
      case .inline: true
      case .file: try Files.status(of: path)?.kind == .file && Files.digest(of: path).digest == digest
      case .folder: try Files.status(of: path)?.kind == .folder && FolderManifest(of: path).digest == digest
      }
    } catch let error as RetortError where error.code == "file.missing" {
      // A collection took it away meanwhile.
      return false
    }
  }

  static func damage(_ path: FilePath) -> RetortError {
    RetortError(
      "artifact.damaged", "The stored artifact is damaged.",
      remedy: "Run “retort verify”, which sets it aside; the next run computes it anew.", at: Place(file: path.string),
      blame: .environment)
  }
}
