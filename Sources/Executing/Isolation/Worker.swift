import Declaring
import FoundationEssentials
import Supervising

/// A process that runs one stage's body for another process.
public enum Worker {
  /// The variable that makes a program a worker: the descriptor of its channel.
  public static let variable = "RETORT_WORKER"

  /// The descriptor, where this process was started as a worker.
  public static var descriptor: Int32? { ProcessInfo.processInfo.environment[variable].flatMap { Int32($0) } }

  /// Takes one stage from the channel, runs it, says how it ended.
  ///
  /// - Throws: `RetortError` where there is no channel, or nothing sensible came over it.
  public static func serve(on descriptor: Int32, _ types: StageTypes) async throws {
    let channel = MessageChannel(try ChannelEnd.inherited(descriptor))
    guard case .begin(let job)? = try channel.receive(ToWorker.self) else {
      throw RetortError("worker.message", "The worker was given nothing to do.", blame: .internal)
    }
    let services = WorkerServices(channel, job)
    StageThreads.shared.run { services.listen() }
    do {
      let stage = try types.stage(job.stage, options: job.options)
      let parts = try await LocalExecutor().execute(
        StageWork(label: job.label, stage: stage, services: services))
      services.close()
      try channel.send(
        FromWorker.finished(parts.map { WorkerPart(port: $0.port, kind: $0.kind, $0.content, $0.facts) }))
    } catch {
      services.close()
      try channel.send(FromWorker.failed(WorkerError(error)))
    }
  }
}
