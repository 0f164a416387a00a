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

  public init(ending: ChildEnding, wasStopped: Bool, seconds: Double) {
    (self.ending, self.wasStopped, self.seconds) = (ending, wasStopped, seconds)
  }
}

/// Which of a child's outputs a line was written to.
public enum ChildStream: Sendable, Hashable, CaseIterable {
  case output, errors
}
