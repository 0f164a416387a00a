/// What lies in a folder: each file's path, size and digest, and each folder, in order of the paths' bytes.
///
/// Its digest is the folder's: names, sizes and contents count, times and permissions do not.
public struct FolderManifest: Sendable, Hashable {
  public struct Entry: Sendable, Hashable {
    /// The path below the folder, with slashes.
    public var path: String
    /// Nil for a folder.
    public var file: File?

    public init(path: String, file: File?) {
      self.path = path
      self.file = file
    }
  }

  public struct File: Sendable, Hashable {
    public var bytes: Int
    public var digest: Digest

    public init(bytes: Int, digest: Digest) {
      self.bytes = bytes
      self.digest = digest
    }
  }

  public private(set) var entries: [Entry]

  public init(_ entries: [Entry]) {
    self.entries = entries.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  /// Reads and hashes everything in `folder`.
  ///
  /// - Parameter visit: called with each open file after it was hashed, and with each folder after what is in it.
  /// - Throws: `RetortError` for symbolic links, devices, and names that are not UTF-8: they have no content to keep.
  public init(
    of folder: FilePath, visitingFile visit: (OpenFile) throws -> Void = { _ in },
    visitingFolder leave: (FilePath) throws -> Void = { _ in }
  ) throws {
    var entries: [Entry] = []
    func scan(_ path: FilePath, _ prefix: String) throws {
      for name in try Files.names(in: path) {
        let child = path.appending(name)
        let relative = prefix + name
        switch try Files.existing(child, followsLinks: false).kind {
        case .file:
          let file = try OpenFile(child, .reading)
          let (digest, bytes) = try Files.digest(of: file) { _ in }
          try visit(file)
          entries.append(Entry(path: relative, file: File(bytes: bytes, digest: digest)))
        case .folder:
          entries.append(Entry(path: relative, file: nil))
          try scan(child, relative + "/")
        case .link, .other:
          throw RetortError(
            "artifact.special-file", "An artifact holds files and folders only; this is a link or a device.",
            remedy: "Write a copy of the file instead.", at: Place(file: child.string), blame: .stage)
        }
      }
      try leave(path)
    }
    try scan(folder, "")
    self.init(entries)
  }

  /// The size of all files, in bytes.
  public var bytes: Int { entries.reduce(0) { $0 + ($1.file?.bytes ?? 0) } }

  /// SHA-256 over a domain prefix, then for each entry: kind, length of the path, path, and for a file size and digest.
  /// Numbers are little-endian, 8 bytes each.
  public var digest: Digest {
    var hasher = ContentHasher()
    hasher.update(Self.domain)
    for entry in entries {
      var record: [UInt8] = [entry.file == nil ? UInt8(ascii: "d") : UInt8(ascii: "f")]
      withUnsafeBytes(of: UInt64(entry.path.utf8.count).littleEndian) { record.append(contentsOf: $0) }
      record.append(contentsOf: entry.path.utf8)
      if let file = entry.file {
        withUnsafeBytes(of: UInt64(file.bytes).littleEndian) { record.append(contentsOf: $0) }
        file.digest.append(to: &record)
      }
      hasher.update(record)
    }
    return hasher.finish()
  }

  private static let domain = Array("retort folder\u{0}".utf8)
}
