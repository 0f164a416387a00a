import Declaring

/// Where the body of a stage runs: here, or some day in another process or on another machine.
public protocol StageExecutor: Sendable {
  /// Runs the body and returns the parts of its output, not yet published.
  ///
  /// - Throws: what the body throws; `CancellationError` where it ended on request.
  func execute(_ work: StageWork) async throws -> [OutputPart]
}

/// One body to run: everything that a worker needs, and nothing of the index.
public struct StageWork: Sendable {
  public var label: String
  public var stage: any Stage
  public var services: any StageServices

  public init(label: String, stage: any Stage, services: any StageServices) {
    self.label = label
    self.stage = stage
    self.services = services
  }
}

/// Runs bodies in this process, on Retort's own threads.
public struct LocalExecutor: StageExecutor {
  public init() {}

  public func execute(_ work: StageWork) async throws -> [OutputPart] {
    try await withTaskExecutorPreference(StageThreads.shared) {
      try await run(work.stage, StageContext(work.services)).parts()
    }
  }

  private func run(_ stage: some Stage, _ context: StageContext) async throws -> any StageOutput {
    try await stage.run(context)
  }
}
