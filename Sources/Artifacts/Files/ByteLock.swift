#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A lock on one byte of a file that the kernel releases when its holder ends, however it ends.
///
/// It belongs to its own open file description (`F_OFD_SETLK`): two holders in one process exclude each other too, and
/// closing another descriptor of the same file does not release it. The file must never be unlinked.
public final class ByteLock: Sendable {
  public enum Mode: Sendable { case shared, exclusive }

  private let file: OpenFile
  private let byte: Int64
  /// Where the file goes when the lock is freed; nil where it is closed.
  private let home: LockFile?

  init(_ file: OpenFile, _ byte: Int64, home: LockFile? = nil) {
    (self.file, self.byte, self.home) = (file, byte, home)
  }

  deinit {
    guard let home else { return }
    Self.unlock(file, at: byte)
    home.take(back: file)
  }

  /// Takes the lock, or returns nil while another holds it.
  public static func attempt(_ mode: Mode, of path: FilePath, at byte: Int64) throws -> ByteLock? {
    let file = try OpenFile(path, .updating)
    return try tryLock(file, mode, at: byte) ? ByteLock(file, byte) : nil
  }

  /// Takes the lock, waiting for others.
  ///
  /// - Parameter turnstile: a byte that is locked alike on the way in and freed then: whoever waits for the lock holds it,
  ///   so that later ones queue behind.
  public static func wait(
    _ mode: Mode, of path: FilePath, at byte: Int64, through turnstile: Int64? = nil
  ) throws -> ByteLock {
    let file = try OpenFile(path, .updating)
    try lock(file, mode, at: byte, through: turnstile)
    return ByteLock(file, byte)
  }

  /// Whether anybody holds the byte, this process included.
  public static func isHeld(_ path: FilePath, at byte: Int64) throws -> Bool {
    guard try Files.status(of: path) != nil else { return false }
    let file = try OpenFile(path, .reading)
    var request = request(.exclusive, byte)
    guard fcntl(file.descriptor, Command.get, &request) == 0 else {
      throw RetortError(Errno(rawValue: errno), .lock, path)
    }
    return Int32(request.l_type) != Int32(F_UNLCK)
  }

  /// Locks a byte of a file that stays open, unless another holds it; `unlock` frees it.
  static func tryLock(_ file: OpenFile, _ mode: Mode, at byte: Int64) throws -> Bool {
    var request = request(mode, byte)
    while true {
      try InjectedFault.check(.lock, file.path)
      if fcntl(file.descriptor, Command.set, &request) == 0 { return true }
      switch Errno(rawValue: errno) {
      case .interrupted: continue
      case .resourceTemporarilyUnavailable, .permissionDenied: return false
      case let error: throw RetortError(error, .lock, file.path)
      }
    }
  }

  static func lock(_ file: OpenFile, _ mode: Mode, at byte: Int64, through turnstile: Int64?) throws {
    if let turnstile { try lock(file, mode, at: turnstile) }
    try lock(file, mode, at: byte)
    if let turnstile { unlock(file, at: turnstile) }
  }

  /// Locks a byte of a file that stays open; `unlock` frees it.
  static func lock(_ file: OpenFile, _ mode: Mode, at byte: Int64) throws {
    var request = request(mode, byte)
    while true {
      try InjectedFault.check(.lock, file.path)
      if fcntl(file.descriptor, Command.setWaiting, &request) == 0 { return }
      let error = Errno(rawValue: errno)
      if error != .interrupted { throw RetortError(error, .lock, file.path) }
    }
  }

  static func unlock(_ file: OpenFile, at byte: Int64) {
    var request = request(nil, byte)
    _ = fcntl(file.descriptor, Command.set, &request)
  }

  /// A request for a lock, or to free it.
  private static func request(_ mode: Mode?, _ byte: Int64) -> flock {
    var request = flock()
    switch mode {
    case .shared: request.l_type = Int16(F_RDLCK)
    case .exclusive: request.l_type = Int16(F_WRLCK)
    case nil: request.l_type = Int16(F_UNLCK)
    }
    request.l_whence = Int16(SEEK_SET)
    request.l_start = off_t(byte)
    request.l_len = 1
    return request
  }

  /// The commands of `fcntl` for locks of open file descriptions, which Swift's overlay does not import.
  private enum Command {
    #if canImport(Darwin)
      static let set: Int32 = 90
      static let setWaiting: Int32 = 91
      static let get: Int32 = 92
    #else
      static let get: Int32 = 36
      static let set: Int32 = 37
      static let setWaiting: Int32 = 38
    #endif
  }
}

extension OpenFile {
  /// Holds an exclusive lock on one byte of this file while `body` runs. The caller excludes other threads itself.
  public func withLock<Result>(at byte: Int64, _ body: () throws -> Result) throws -> Result {
    try ByteLock.lock(self, .exclusive, at: byte)
    defer { ByteLock.unlock(self, at: byte) }
    return try body()
  }

}
