#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// An open file that closes itself: whole reads and writes, signals and short writes handled.
///
/// Every descriptor is closed on exec, so that no child keeps a lock alive.
public final class OpenFile: Sendable {
  public enum Mode: Sendable {
    /// An existing file.
    case reading
    /// A file that is made if missing, both read and written.
    case updating
    /// A new file; one that is there is an error.
    case creating
    /// A file that is made or emptied.
    case replacing
  }

  public let path: FilePath
  let descriptor: Int32

  public init(_ path: FilePath, _ mode: Mode) throws {
    self.path = path
    let flags: Int32
    switch mode {
    case .reading: flags = O_RDONLY
    case .updating: flags = O_RDWR | O_CREAT
    case .creating: flags = O_RDWR | O_CREAT | O_EXCL
    case .replacing: flags = O_RDWR | O_CREAT | O_TRUNC
    }
    let operation: FileOperation = if case .reading = mode { .open } else { .write }
    switch InjectedFault.strike(.open) {
    case .error(let error), .torn(let error): throw RetortError(error, operation, path)
    case .short, .kill, nil: break
    }
    while true {
      let result = path.withPlatformString { open($0, flags | O_CLOEXEC, 0o644) }
      if result >= 0 {
        descriptor = result
        return
      }
      let error = Errno(rawValue: errno)
      if error != .interrupted { throw RetortError(error, operation, path) }
    }
  }

  deinit { close(descriptor) }

  public func status() throws -> FileStatus {
    try InjectedFault.check(.status, path)
    var raw = stat()
    guard fstat(descriptor, &raw) == 0 else { throw RetortError(Errno(rawValue: errno), .status, path) }
    return FileStatus(raw)
  }

  /// Reads up to `count` bytes at `offset`; fewer only at the end of the file.
  public func read(_ count: Int, at offset: Int) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      initialized = try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
    }
  }

  /// Fills `buffer` from `offset` on and returns the number of bytes: fewer than it holds only at the end of the file.
  public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws -> Int {
    var done = 0
    while done < buffer.count {
      try InjectedFault.check(.read, path)
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      let result = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
      if result == 0 { break }
      if result > 0 {
        done += result
      } else if Errno(rawValue: errno) != .interrupted {
        throw RetortError(Errno(rawValue: errno), .read, path)
      }
    }
    return done
  }

  /// Writes all of `bytes` at `offset`.
  public func write(_ bytes: [UInt8], at offset: Int) throws {
    try bytes.withUnsafeBytes { try write($0, at: offset) }
  }

  /// Writes all of `bytes` at `offset`.
  public func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
    var done = 0
    while done < bytes.count {
      var rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      var failure: Errno?
      switch InjectedFault.strike(.write) {
      case .error(.interrupted): continue
      case .error(let error): throw RetortError(error, .write, path)
      case .short: rest = UnsafeRawBufferPointer(rebasing: rest.prefix((rest.count + 1) / 2))
      case .torn(let error):
        rest = UnsafeRawBufferPointer(rebasing: rest.prefix((rest.count + 1) / 2))
        failure = error
      case .kill:
        _ = pwrite(descriptor, rest.baseAddress, (rest.count + 1) / 2, off_t(offset + done))
        InjectedFault.die()
      case nil: break
      }
      let result = pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
      if let failure { throw RetortError(failure, .write, path) }
      if result >= 0 {
        done += result
      } else if Errno(rawValue: errno) != .interrupted {
        throw RetortError(Errno(rawValue: errno), .write, path)
      }
    }
  }

  public func truncate(to count: Int) throws {
    try InjectedFault.check(.truncate, path)
    while ftruncate(descriptor, off_t(count)) != 0 {
      let error = Errno(rawValue: errno)
      if error != .interrupted { throw RetortError(error, .truncate, path) }
    }
  }

  /// Waits until everything written is safe from a loss of power. After a failure the content is unknown: write anew.
  public func sync() throws {
    try InjectedFault.check(.sync, path)
    while fsync(descriptor) != 0 {
      let error = Errno(rawValue: errno)
      if error != .interrupted { throw RetortError(error, .sync, path) }
    }
  }

  /// Takes away everyone's right to write.
  public func makeReadOnly() throws {
    try InjectedFault.check(.chmod, path)
    guard fchmod(descriptor, 0o444) == 0 else { throw RetortError(Errno(rawValue: errno), .chmod, path) }
  }
}
