import Declaring

/// Runs bodies of stages in processes of their own: one that traps, or that the kernel ends for its memory, is a failure of
/// that stage and of nothing else.
///
/// The worker is this program, started again with the same arguments. It declares the same pipeline to know the types of
/// stages, gets the stage's properties over a channel, and asks for all else there: the index is opened here alone.
public struct IsolatedExecutor: StageExecutor {
  /// How this program is started again.
  public struct Program: Sendable {
    public var path: FilePath
    public var arguments: [String]
    public var environment: [String: String]
    public var folder: FilePath

    public init(_ path: FilePath, arguments: [String], environment: [String: String], folder: FilePath) {
      (self.path, self.arguments) = (path, arguments)
      (self.environment, self.folder) = (environment, folder)
    }
  }

  let program: Program
  /// Whose bodies have a process of their own, by label; nil for all.
  let labels: Set<String>?

  public init(_ program: Program, labels: Set<String>? = nil) { (self.program, self.labels) = (program, labels) }

  public func execute(_ work: StageWork) async throws -> [OutputPart] {
    guard isIsolated(work.label), let services = work.services as? AttemptServices else {
      return try await LocalExecutor().execute(work)
    }
    return try await withCheckedThrowingContinuation { continuation in
      StageThreads.shared.run {
        continuation.resume(with: Result { try WorkerHost(program, services).run(work) })
      }
    }
  }

  /// A sub-stage goes with the stage that runs it.
  private func isIsolated(_ label: String) -> Bool {
    guard let labels else { return true }
    return labels.contains(label) || labels.contains { label.hasPrefix($0 + "/") }
  }
}
