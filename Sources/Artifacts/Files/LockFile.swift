import Synchronization

/// A file of byte locks that one process takes and frees often: it stays open between them, which spares two calls to the
/// system for each.
///
/// Every lock that is held has an open file description of its own, so that holders in one process exclude each other too.
public final class LockFile: Sendable {
  public let path: FilePath
  private let idle = Mutex<[OpenFile]>([])
  /// As many as there are threads that publish at a time, or so.
  private static let largestIdle = 16

  public init(_ path: FilePath) { self.path = path }

  /// As `ByteLock.attempt`.
  public func attempt(_ mode: ByteLock.Mode, at byte: Int64) throws -> ByteLock? {
    let file = try opened()
    guard try ByteLock.tryLock(file, mode, at: byte) else {
      take(back: file)
      return nil
    }
    return ByteLock(file, byte, home: self)
  }

  /// As `ByteLock.wait`.
  public func wait(_ mode: ByteLock.Mode, at byte: Int64, through turnstile: Int64? = nil) throws -> ByteLock {
    let file = try opened()
    // A file that could not be locked may hold the turnstile: it is closed.
    try ByteLock.lock(file, mode, at: byte, through: turnstile)
    return ByteLock(file, byte, home: self)
  }

  private func opened() throws -> OpenFile { try idle.withLock { $0.popLast() } ?? OpenFile(path, .updating) }

  /// Keeps a file without locks for the next one.
  func take(back file: OpenFile) {
    idle.withLock { if $0.count < Self.largestIdle { $0.append(file) } }
  }
}
