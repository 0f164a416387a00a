import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Ctrl-C and SIGTERM: the first asks the run to stop at its next checkpoint, the second ends the process.
///
/// The handler writes to a pipe that a thread of its own reads, so it works however busy all other threads are. Handlers,
/// unlike blocked or ignored signals, do not outlive `exec`: children see the signals as usual.
enum Interruption {
  private static let count = Atomic<Int>(0)

  /// Whether a signal has come.
  static var isRequested: Bool { count.load(ordering: .relaxed) > 0 }

  /// Calls `first` at the first signal, on a thread of its own; at the second, `last` and then ends the process with
  /// code 130. Call it once.
  static func watch(first: @escaping @Sendable () -> Void, last: @escaping @Sendable () -> Void) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { return }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    signalPipe = ends[1]
    install(SIGINT)
    install(SIGTERM)
    let reader = ends[0]
    let body: @Sendable () -> Void = {
      var byte: UInt8 = 0
      while true {
        let got = read(reader, &byte, 1)
        if got == 0 || (got < 0 && errno != EINTR) { return }
        guard got == 1 else { continue }
        if count.wrappingAdd(1, ordering: .relaxed).oldValue == 0 {
          first()
        } else {
          last()
          _exit(ProgramStatus.interrupted.rawValue)
        }
      }
    }
    Threads.start(body)
  }

  /// Lets the output end quietly when its reader goes away, instead of ending a run that may be hours long.
  static func ignoreClosedPipes() {
    var handler = sigaction()
    #if canImport(Darwin)
      handler.__sigaction_u.__sa_handler = { _ in }
    #else
      handler.__sigaction_handler.sa_handler = { _ in }
    #endif
    handler.sa_flags = Int32(SA_RESTART)
    sigaction(SIGPIPE, &handler, nil)
  }

  private static func install(_ signal: Int32) {
    var handler = sigaction()
    let write: @convention(c) (Int32) -> Void = { _ in
      let saved = errno
      var byte: UInt8 = 1
      _ = systemWrite(signalPipe, &byte, 1)
      errno = saved
    }
    #if canImport(Darwin)
      handler.__sigaction_u.__sa_handler = write
    #else
      handler.__sigaction_handler.sa_handler = write
    #endif
    handler.sa_flags = Int32(SA_RESTART)
    sigaction(signal, &handler, nil)
  }
}

/// Written before the handler is installed, and only read by it.
nonisolated(unsafe) private var signalPipe: Int32 = -1

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
