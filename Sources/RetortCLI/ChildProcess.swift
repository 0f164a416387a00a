import Retort
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Runs this program again, as a process of its own.
enum ChildProcess {
  /// Seconds from before the start to after the end. Throws where it fails.
  static func time(_ arguments: [String]) throws -> Double {
    #if os(Linux)
      let program = "/proc/self/exe"
    #else
      let program = CommandLine.arguments[0]
    #endif
    var words: [UnsafeMutablePointer<CChar>?] = ([CommandLine.arguments.first ?? "retort"] + arguments).map {
      strdup($0)
    }
    words.append(nil)
    defer { for word in words { free(word) } }
    let clock = ContinuousClock()
    let start = clock.now
    var child = pid_t()
    let status = posix_spawn(&child, program, nil, nil, words, environ)
    guard status == 0 else { throw failure("it could not be started: \(String(cString: strerror(status)))") }
    var ending: Int32 = 0
    while waitpid(child, &ending, 0) < 0, errno == EINTR {}
    let elapsed = clock.now - start
    guard ending == 0 else { throw failure("it ended with status \(ending)") }
    return elapsed.seconds
  }

  private static func failure(_ reason: String) -> RetortError {
    RetortError("bench.process", "A pass of the benchmark failed: \(reason).", blame: .internal)
  }
}
