#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The names of signals, as people know them.
public enum SignalName {
  private static let known: [Int32: (name: String, meaning: String?)] = [
    SIGHUP: ("SIGHUP", nil), SIGINT: ("SIGINT", nil), SIGQUIT: ("SIGQUIT", nil),
    SIGILL: ("SIGILL", "an instruction that this CPU does not have, or a trap"), SIGTRAP: ("SIGTRAP", "a trap"),
    SIGABRT: ("SIGABRT", "it aborted itself"), SIGBUS: ("SIGBUS", "invalid memory access"),
    SIGFPE: ("SIGFPE", "arithmetic error"), SIGKILL: ("SIGKILL", "from outside, often for lack of memory"),
    SIGUSR1: ("SIGUSR1", nil), SIGSEGV: ("SIGSEGV", "invalid memory access"), SIGUSR2: ("SIGUSR2", nil),
    SIGPIPE: ("SIGPIPE", "its reader went away"), SIGALRM: ("SIGALRM", nil), SIGTERM: ("SIGTERM", nil),
    SIGXCPU: ("SIGXCPU", "the limit on CPU time"), SIGXFSZ: ("SIGXFSZ", "the limit on file sizes"),
    SIGSYS: ("SIGSYS", "a forbidden system call"),
  ]

  /// Such as `SIGSEGV`; `signal 42` where it has no name here.
  public static func of(_ signal: Int32) -> String { known[signal]?.name ?? "signal \(signal)" }

  /// The name, and what it usually means.
  static func described(_ signal: Int32) -> String {
    guard let entry = known[signal] else { return of(signal) }
    return entry.meaning.map { "\(entry.name) (\($0))" } ?? entry.name
  }
}
