#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Remembers the digests of files by their status, so that an unchanged file is not read again.
public protocol SourceMemory {
  func digest(of path: FilePath, with status: FileStatus) throws -> Digest?
  func remember(_ digest: Digest, of path: FilePath, with status: FileStatus) throws
}

extension SourceDeclaration {
  /// The digest of the content now: of a file its SHA-256, of a folder that of the manifest of its members.
  ///
  /// - Throws: `RetortError` where a file is missing, unreadable, or changes while it is read.
  public func digest(using memory: (any SourceMemory)? = nil) throws -> Digest {
    try collect { file, _ in try Self.digest(of: file, using: memory) }
  }

  /// Copies the file, or the folder's members, into `folder`, and returns the digest of what was copied.
  public func copy(into folder: FilePath) throws -> Digest {
    try collect { file, name in
      let target = folder.appending(name)
      try Files.makeFolder(target.removingLastComponent())
      let (digest, bytes) = try Files.copy(file, to: target)
      return FolderManifest.File(bytes: bytes, digest: digest)
    }
  }

  /// The name of the copy that `copy(into:)` makes of a single file.
  public var fileName: String { path.lastComponent?.string ?? "file" }

  private func collect(_ take: (_ file: FilePath, _ name: String) throws -> FolderManifest.File) throws -> Digest {
    guard let members else { return try take(path, fileName).digest }
    var entries: [FolderManifest.Entry] = []
    guard try Files.existing(path).kind == .folder else { throw RetortError(.notDirectory, .read, path) }
    for member in try members.flatMap({ try Self.expanded($0, in: path) }) {
      let relative = FilePath(member.name)
      guard relative.isRelative, !relative.components.contains(where: { $0.kind != .regular }) else {
        throw RetortError(
          "source.member", "The member “\(member.name)” is not a plain relative path.",
          remedy: "Name a file below the folder.", at: Place(file: path.string), blame: .stage)
      }
      let file = path.appending(relative.components)
      if member.isOptional, try Files.status(of: file) == nil { continue }
      entries.append(.init(path: member.name, file: try take(file, member.name)))
    }
    return FolderManifest(entries).digest
  }

  /// The members that a pattern stands for; any other member itself.
  private static func expanded(_ member: Member, in folder: FilePath) throws -> [Member] {
    guard member.name.hasPrefix("*") else { return [member] }
    let ending = member.name.dropFirst()
    let found = try Files.names(in: folder).filter { name in
      guard name.hasSuffix(ending), !name.hasPrefix(".") else { return false }
      return try Files.status(of: folder.appending(name))?.kind == .file
    }
    guard !found.isEmpty || member.isOptional else {
      throw RetortError(
        "file.missing", "No file in it ends in “\(ending)”.", at: Place(file: folder.string))
    }
    return found.map { Member($0) }
  }

  private static func digest(of path: FilePath, using memory: (any SourceMemory)?) throws -> FolderManifest.File {
    for _ in 0..<3 {
      let before = try Files.existing(path)
      if let memory, let known = try memory.digest(of: path, with: before) {
        return FolderManifest.File(bytes: before.bytes, digest: known)
      }
      let isSettled = before.isSettled(at: now())
      let (digest, bytes) = try Files.digest(of: path)
      guard try Files.existing(path) == before, bytes == before.bytes else { continue }
      if let memory, isSettled { try memory.remember(digest, of: path, with: before) }
      return FolderManifest.File(bytes: bytes, digest: digest)
    }
    throw RetortError(
      "source.changing", "The file changes while it is read.", remedy: "Run again once it is complete.",
      at: Place(file: path.string), isTransient: true)
  }

  private static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

extension FileStatus {
  /// Whether another write would surely leave another time. Kernels stamp files with a clock that ticks every few
  /// milliseconds, and some file systems keep whole or even seconds only.
  func isSettled(at now: Int64) -> Bool {
    let isCoarse = modified % 1_000_000_000 == 0
    let granularity: Int64 = isCoarse ? 2_500_000_000 : 50_000_000
    return now - modified > granularity && now - changed > granularity
  }
}
