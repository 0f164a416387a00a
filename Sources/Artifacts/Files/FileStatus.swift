#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the file system says about a path without reading its content.
public struct FileStatus: Sendable, Hashable {
  public enum Kind: Sendable, Hashable {
    case file, folder, link, other
  }

  public var kind: Kind
  public var bytes: Int
  /// Nanoseconds since 1970 of the last change of the content.
  public var modified: Int64
  /// Nanoseconds since 1970 of the last change of the content or of its description, which no program can set back.
  public var changed: Int64
  public var inode: UInt64
  public var device: UInt64
  /// Whether nobody has the right to write it.
  public var isReadOnly: Bool

  init(_ raw: stat) {
    switch raw.st_mode & S_IFMT {
    case S_IFREG: kind = .file
    case S_IFDIR: kind = .folder
    case S_IFLNK: kind = .link
    default: kind = .other
    }
    bytes = Int(raw.st_size)
    #if canImport(Darwin)
      modified = Int64(raw.st_mtimespec.tv_sec) * 1_000_000_000 + Int64(raw.st_mtimespec.tv_nsec)
      changed = Int64(raw.st_ctimespec.tv_sec) * 1_000_000_000 + Int64(raw.st_ctimespec.tv_nsec)
    #else
      modified = Int64(raw.st_mtim.tv_sec) * 1_000_000_000 + Int64(raw.st_mtim.tv_nsec)
      changed = Int64(raw.st_ctim.tv_sec) * 1_000_000_000 + Int64(raw.st_ctim.tv_nsec)
    #endif
    inode = UInt64(raw.st_ino)
    device = UInt64(raw.st_dev)
    isReadOnly = raw.st_mode & 0o222 == 0
  }
}

extension Files {
  /// The status of `path`, or nil where there is nothing.
  ///
  /// - Parameter followsLinks: false looks at a symbolic link itself.
  public static func status(of path: FilePath, followsLinks: Bool = true) throws -> FileStatus? {
    try InjectedFault.check(.status, path)
    var raw = stat()
    let result = path.withPlatformString { followsLinks ? stat($0, &raw) : lstat($0, &raw) }
    if result == 0 { return FileStatus(raw) }
    let error = Errno(rawValue: errno)
    if error == .noSuchFileOrDirectory || error == .notDirectory { return nil }
    throw RetortError(error, .status, path)
  }

  /// Whether this process has the right to read and write the file that is there.
  public static func isWritable(_ path: FilePath) -> Bool { path.withPlatformString { access($0, R_OK | W_OK) == 0 } }

  /// The status of what must be there.
  public static func existing(_ path: FilePath, followsLinks: Bool = true) throws -> FileStatus {
    guard let status = try status(of: path, followsLinks: followsLinks) else {
      throw RetortError(.noSuchFileOrDirectory, .status, path)
    }
    return status
  }
}
