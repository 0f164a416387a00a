import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// A file system of a few bytes in memory, where this process may mount one.
final class SmallDisk {
  let folder: URL
  /// Must not go before what is mounted in it.
  private let owner: TemporaryFolder

  /// Nil where this user may not mount, or the system has no such file systems.
  init?(_ size: String, _ name: String, in owner: TemporaryFolder) throws {
    self.owner = owner
    folder = owner.url.appending(path: name)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    guard Self.mount(["-t", "tmpfs", "-o", "size=\(size)", "tmpfs", folder.path]) else { return nil }
  }

  deinit { _ = Self.run("umount", ["-l", folder.path]) }

  /// Changes an option of the mount, such as `ro` or `size=1m`.
  func remount(_ option: String) { #expect(Self.mount(["-o", "remount,\(option)", folder.path])) }

  private static func mount(_ arguments: [String]) -> Bool { run("mount", arguments) }

  private static func run(_ name: String, _ arguments: [String]) -> Bool {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [name] + arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }

  /// Whether one could be mounted just now: decides if tests that need one are run.
  static let isPossible: Bool = {
    #if canImport(Glibc)
      guard geteuid() == 0, let scratch = try? TemporaryFolder("mount") else { return false }
      return (try? SmallDisk("64k", "disk", in: scratch)) != nil
    #else
      return false
    #endif
  }()
}
