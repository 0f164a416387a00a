#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Which threads the signals to a program come to: the one that it began on, so that no call of a stage is interrupted.
enum Signals {
  /// Lets them come to the calling thread, also where whoever started the program had blocked them. A closed pipe stays an
  /// error of the write.
  ///
  /// - Returns: what was blocked before.
  static func comeToThisThread() -> sigset_t {
    var (blocked, before) = (sigset_t(), sigset_t())
    sigemptyset(&blocked)
    sigaddset(&blocked, SIGPIPE)
    pthread_sigmask(SIG_SETMASK, &blocked, &before)
    return before
  }

  static func restore(_ blocked: sigset_t) {
    var blocked = blocked
    pthread_sigmask(SIG_SETMASK, &blocked, nil)
  }

  /// Keeps them from the calling thread, but for those that a thread raises by what it does.
  static func leaveThisThread() {
    var blocked = sigset_t()
    sigfillset(&blocked)
    for own in [SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGBUS, SIGSEGV, SIGSYS, SIGPROF] { sigdelset(&blocked, own) }
    pthread_sigmask(SIG_BLOCK, &blocked, nil)
  }
}
