import Artifacts

/// A program to run as a child of this process: exactly what it is given, and nothing else of this process.
public struct ChildProgram: Sendable, Hashable {
  /// The file to execute.
  public var path: FilePath
  /// What the program is told that it was called; the path where that is nil.
  public var name: String?
  /// What follows the name. Nothing passes through a shell.
  public var arguments: [String]
  /// The whole environment.
  public var environment: [String: String]
  /// The working folder.
  public var folder: FilePath
  /// Descriptors of this process that the child has as 3, 4, …; every other one is closed there.
  public var descriptors: [Int32]

  public init(
    _ path: FilePath, name: String? = nil, arguments: [String] = [], environment: [String: String] = [:],
    folder: FilePath = "/", descriptors: [Int32] = []
  ) {
    (self.path, self.name, self.arguments) = (path, name, arguments)
    (self.environment, self.folder, self.descriptors) = (environment, folder, descriptors)
  }
}

/// How a child ended.
public enum ChildEnding: Sendable, Hashable {
  case exited(Int32)
  case killed(signal: Int32)

  public var isSuccess: Bool { self == .exited(0) }
}

extension ChildResult {
  /// How it ended in words that follow “it”, as far as more is known than from the ending alone.
  public var words: String {
    isKilledByOthers ? "was killed by SIGKILL (from outside; memory had not run out)" : "\(ending)"
  }

  /// What to tell of a process that ended for its memory; nil for any other.
  ///
  /// - Parameters:
  ///   - subject: what used it, such as `The stage`.
  ///   - limit: how many bytes it had asked for; 0 where it had not.
  ///   - place: where a number is given, such as `memory:`.
  public func memoryFailure(of subject: String, limit: Int, asking place: String) -> RetortError? {
    if let excess {
      return RetortError(
        "stage.memory",
        "\(subject) used \(ByteText.of(excess)) of the \(ByteText.of(limit)) of memory that it had asked for, and was ended.",
        remedy: "Ask for more in \(place), which no key holds, or let it hold less at once.", blame: .stage)
    }
    guard isOutOfMemory else { return nil }
    return RetortError(
      "stage.out-of-memory", "\(subject) was killed by the kernel: there was no memory left.",
      remedy: limit > 0
        ? "Let less run beside it (--jobs 1), or let it hold less at once."
        : "Say in \(place) how much it needs, so that less runs beside it (or --jobs 1), or let it hold less at once.",
      blame: .environment)
  }
}

extension ChildEnding: CustomStringConvertible {
  /// In words that follow “it”: `ended with exit code 3`, `was killed by SIGSEGV (invalid memory access)`.
  public var description: String {
    switch self {
    case .exited(let code): "ended with exit code \(code)"
    case .killed(let signal): "was killed by \(SignalName.described(signal))"
    }
  }
}

/// How a child ended, and what its supervisor did about it.
public struct ChildResult: Sendable, Hashable {
  public var ending: ChildEnding
  /// Whether it was told to end: then even an exit code of 0 says nothing about its work.
  public var wasStopped: Bool
  /// From its start to its end.
  public var seconds: Double
  /// How many bytes its group held when it was killed for holding more than it may; nil where it was not.
  public var excess: Int?
  /// Whether the kernel killed it because the machine, or what this process may use of it, had no memory left.
  public var isOutOfMemory = false
  /// Whether somebody else killed it, while the kernel had memory enough.
  public var isKilledByOthers = false

  public init(ending: ChildEnding, wasStopped: Bool, seconds: Double) {
    (self.ending, self.wasStopped, self.seconds) = (ending, wasStopped, seconds)
  }
}

/// Which of a child's outputs a line was written to.
public enum ChildStream: Sendable, Hashable, CaseIterable {
  case output, errors
}
