#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The thread that a program begins on, as an executor of its asynchronous work.
///
/// An asynchronous `main` on Linux ends that thread and goes on elsewhere: two threads more before the first line runs, and
/// memory from an arena that grows page by page. A run with nothing to do takes less time than that is worth.
package final class MainThread: TaskExecutor, @unchecked Sendable {
  private let lock: UnsafeMutablePointer<pthread_mutex_t>
  private let wake: UnsafeMutablePointer<pthread_cond_t>
  // Under `lock`.
  private var jobs: [UnownedJob] = []
  private var isOver = false

  private init() {
    lock = .allocate(capacity: 1)
    wake = .allocate(capacity: 1)
    pthread_mutex_init(lock, nil)
    pthread_cond_init(wake, nil)
  }

  /// Runs `body` to its end on the calling thread, and what it awaits as far as no other executor is asked for.
  package static func run(_ body: @escaping @Sendable () async -> Void) {
    let blocked = Signals.comeToThisThread()
    defer { Signals.restore(blocked) }
    let thread = MainThread()
    Task(executorPreference: thread) {
      await body()
      thread.end()
    }
    thread.work()
  }

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    pthread_mutex_lock(lock)
    jobs.append(job)
    pthread_mutex_unlock(lock)
    pthread_cond_signal(wake)
  }

  private func end() {
    pthread_mutex_lock(lock)
    isOver = true
    pthread_mutex_unlock(lock)
    pthread_cond_signal(wake)
  }

  private func work() {
    pthread_mutex_lock(lock)
    while !isOver {
      if jobs.isEmpty {
        pthread_cond_wait(wake, lock)
        continue
      }
      let batch = jobs
      jobs = []
      pthread_mutex_unlock(lock)
      for job in batch { job.runSynchronously(on: asUnownedTaskExecutor()) }
      pthread_mutex_lock(lock)
    }
    pthread_mutex_unlock(lock)
  }
}
