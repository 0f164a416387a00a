/// Where stage bodies run: as many threads as there are bodies at work, none of them Swift's.
public final class StageThreads: TaskExecutor {
  /// Shared by all runs of the process; idle threads end by themselves.
  public static let shared = StageThreads()

  private let pool = ThreadPool(maximum: 512)

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    pool.run { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }

  /// Runs a blocking call beside everything else.
  func run(_ call: @escaping @Sendable () -> Void) { pool.run(call) }
}

/// The one thread that a scheduler decides on. It may wait for the store, so it is none of Swift's either.
final class CoordinatorThread: SerialExecutor {
  private let pool = ThreadPool(maximum: 1)

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    pool.run { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }
}
