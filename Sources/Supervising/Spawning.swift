import Artifacts
import CChildren

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Starts processes. No descriptor of this process is inherited but those that are handed over.
enum Spawning {
  /// - Parameters:
  ///   - descriptors: the child's 0, 1, 2, ….
  ///   - group: the process group to join; 0 for one of its own.
  ///   - isDeaf: starts with the signals blocked that ask a process to end.
  /// - Returns: the process's number.
  /// - Throws: `child.text` for text that no program can be given, `child.start` with what the system says.
  static func start(
    _ program: ChildProgram, descriptors: [Int32], group: pid_t, isDeaf: Bool = false
  ) throws -> pid_t {
    let arguments = [program.name ?? program.path.string] + program.arguments
    let environment = program.environment.map { "\($0.key)=\($0.value)" }.sorted()
    try check(arguments + environment, of: program)
    var child: pid_t = 0
    let error = withStrings(arguments) { arguments in
      withStrings(environment) { environment in
        program.path.withPlatformString { path in
          program.folder.withPlatformString { folder in
            retort_spawn(
              &child, path, arguments, environment, folder, descriptors, Int32(descriptors.count), group,
              isDeaf ? 1 : 0)
          }
        }
      }
    }
    guard error == 0 else { throw failure(Errno(rawValue: error), of: program) }
    return child
  }

  private static func check(_ texts: [String], of program: ChildProgram) throws {
    let names = program.environment.keys
    guard !texts.contains(where: { $0.utf8.contains(0) }), !names.contains(where: { $0.isEmpty || $0.contains("=") })
    else {
      throw RetortError(
        "child.text",
        "An argument or a variable of it holds a null byte, or a variable's name is empty or has “=” in it.",
        remedy: "Take it out: no program can be given that.", at: Place(file: program.path.string))
    }
  }

  private static func failure(_ error: Errno, of program: ChildProgram) -> RetortError {
    let (sentence, remedy) =
      switch error {
      case .noSuchFileOrDirectory:
        (
          "The program is not there, or the interpreter that its first line names is not.",
          "Check the path, and the first line of a script."
        )
      case .permissionDenied: ("It may not be executed.", "Give yourself the right: chmod +x.")
      case .execFormatError:
        (
          "It is no program of this machine.",
          "Let a script begin with a line such as #!/bin/sh, or call its interpreter."
        )
      case .argListTooLong:
        (
          "Its arguments and environment are longer than the system allows.",
          "Write them into a file, and pass its name."
        )
      case .resourceTemporarilyUnavailable, .noMemory:
        ("The system has no room for another process.", "Run fewer at once with --jobs.")
      case .tooManyOpenFiles, .tooManyOpenFilesInSystem:
        ("Too many files are open.", "Raise the limit (ulimit -n) or lower --jobs.")
      default: ("It could not be started: \(error).", "")
      }
    let passes = error == .resourceTemporarilyUnavailable || error == .tooManyOpenFilesInSystem
    return RetortError(
      "child.start", sentence, remedy: remedy, at: Place(file: program.path.string), blame: .environment,
      isTransient: passes, cause: error)
  }

  /// The strings as C takes them: an array of pointers that a null pointer ends.
  private static func withStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeBufferPointer { buffer in
      // The array is never empty.
      let none: UnsafeMutablePointer<CChar>? = nil
      guard let base = buffer.baseAddress else { return withUnsafePointer(to: none, body) }
      return body(base)
    }
  }

  /// Waits for a child without holding anything else up; nil while it runs.
  ///
  /// - Throws: `child.lost` where somebody else took its ending, so that nobody can know it.
  static func ending(of child: pid_t, waits: Bool) throws -> ChildEnding? {
    var status: Int32 = 0
    while true {
      let result = waitpid(child, &status, waits ? 0 : WNOHANG)
      if result == 0 { return nil }
      if result == child { break }
      if errno == EINTR { continue }
      throw RetortError(
        "child.lost", "The system does not say how a child process ended: \(Errno(rawValue: errno)).",
        remedy: "Let no other code of this program wait for all children, or ignore SIGCHLD.", blame: .environment)
    }
    let signal = status & 0x7F
    return signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal: signal)
  }
}
