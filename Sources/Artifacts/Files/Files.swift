#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The file system as Retort uses it: each call does the whole or throws a sentence.
///
/// This folder is the only place of the project that writes to disk, so that a test can strike every call.
public enum Files {
  /// Makes a folder and those above it; one that is there is fine.
  public static func makeFolder(_ path: FilePath) throws {
    try InjectedFault.check(.makeFolder, path)
    if path.withPlatformString({ mkdir($0, 0o755) }) == 0 { return }
    let error = Errno(rawValue: errno)
    switch error {
    case .fileExists:
      guard try existing(path).kind == .folder else { throw RetortError(.notDirectory, .makeFolder, path) }
    case .noSuchFileOrDirectory:
      let parent = path.removingLastComponent()
      guard !parent.isEmpty, parent != path else { throw RetortError(error, .makeFolder, path) }
      try makeFolder(parent)
      // Some file systems say so of a folder that they will not make at all: asking twice is enough.
      guard path.withPlatformString({ mkdir($0, 0o755) }) == 0 || errno == EEXIST else {
        throw RetortError(Errno(rawValue: errno), .makeFolder, path)
      }
    default: throw RetortError(error, .makeFolder, path)
    }
  }

  /// Moves within one file system, replacing a file that is there. Not durable before `syncFolder` of both parents.
  public static func rename(_ source: FilePath, to target: FilePath) throws {
    try InjectedFault.check(.rename, target)
    let result = source.withPlatformString { from in
      target.withPlatformString { to in systemRename(from, to) }
    }
    guard result == 0 else { throw RetortError(Errno(rawValue: errno), .rename, target) }
  }

  /// Makes the entries of a folder safe from a loss of power.
  public static func syncFolder(_ path: FilePath) throws { try OpenFile(path, .reading).sync() }

  /// Takes away everyone's right to write to a file.
  public static func makeReadOnly(_ path: FilePath) throws {
    try InjectedFault.check(.chmod, path)
    guard path.withPlatformString({ chmod($0, 0o444) }) == 0 else {
      throw RetortError(Errno(rawValue: errno), .chmod, path)
    }
  }

  /// Removes a file, or a folder with everything in it. What is not there is fine; links are removed, not followed.
  public static func remove(_ path: FilePath) throws {
    guard let status = try status(of: path, followsLinks: false) else { return }
    if status.kind == .folder {
      do {
        for name in try names(in: path) { try remove(path.appending(name)) }
      } catch let error as RetortError where error.code == "file.missing" {
        // Somebody else removes it, too.
        return
      }
    }
    try InjectedFault.check(.remove, path)
    let result = path.withPlatformString { status.kind == .folder ? rmdir($0) : unlink($0) }
    if result != 0, errno != ENOENT { throw RetortError(Errno(rawValue: errno), .remove, path) }
  }

  /// The names in a folder, in order of their bytes.
  ///
  /// - Throws: `RetortError` also for a name that is not UTF-8.
  public static func names(in folder: FilePath) throws -> [String] {
    try InjectedFault.check(.list, folder)
    guard let stream = folder.withPlatformString({ opendir($0) }) else {
      throw RetortError(Errno(rawValue: errno), .list, folder)
    }
    defer { closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        if errno != 0 { throw RetortError(Errno(rawValue: errno), .list, folder) }
        break
      }
      let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        tuple.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: tuple.pointee)) {
          String(validatingCString: $0)
        }
      }
      guard let name else {
        throw RetortError(
          "file.name", "The folder holds a file whose name is not UTF-8.", remedy: "Rename it.",
          at: Place(file: folder.string))
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Reads a whole file.
  public static func read(_ path: FilePath) throws -> [UInt8] {
    let file = try OpenFile(path, .reading)
    let status = try file.status()
    guard status.kind != .folder else { throw RetortError(.isDirectory, .read, path) }
    var bytes = try file.read(status.bytes, at: 0)
    // Pipes and devices have no size; a file may have grown.
    while true {
      let more = try file.read(1 << 16, at: bytes.count)
      if more.isEmpty { return bytes }
      bytes += more
    }
  }

  /// Writes a file as a whole: readers see the old content or the new, after a kill too.
  ///
  /// - Parameter isDurable: also survives a loss of power, for two waits on the disk.
  public static func replace(_ path: FilePath, with bytes: [UInt8], isDurable: Bool = true) throws {
    try replace(path, isDurable: isDurable) { file in try file.write(bytes, at: 0) }
  }

  /// The same with content that `write` puts into the new file.
  public static func replace(
    _ path: FilePath, isDurable: Bool = true, writing write: (OpenFile) throws -> Void
  ) throws {
    let parent = path.removingLastComponent()
    let temporary = parent.appending(".\(path.lastComponent?.string ?? "file").\(getpid()).\(nextNumber())")
    do {
      let file = try OpenFile(temporary, .replacing)
      try write(file)
      if isDurable { try file.sync() }
      FaultPoint.pass("file.written")
      try rename(temporary, to: path)
      FaultPoint.pass("file.renamed")
      if isDurable { try syncFolder(parent.isEmpty ? "." : parent) }
    } catch {
      try? remove(temporary)
      throw error
    }
  }
}

private func systemRename(_ from: UnsafePointer<CChar>, _ to: UnsafePointer<CChar>) -> Int32 { rename(from, to) }
