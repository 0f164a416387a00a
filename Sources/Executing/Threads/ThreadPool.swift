import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Threads of Retort's own: a call that finds none idle gets a new one, and one that has been idle for a while ends.
///
/// Swift's cooperative pool has one thread a core and may not be blocked; stage bodies compute and wait as they like.
final class ThreadPool: @unchecked Sendable {
  private typealias Call = @Sendable () -> Void

  private let lock: UnsafeMutablePointer<pthread_mutex_t>
  private let wake: UnsafeMutablePointer<pthread_cond_t>
  private let maximum: Int
  private let mayStart: @Sendable () -> Bool
  // Under `lock`.
  private var calls: [Call] = []
  private var first = 0
  private var idle = 0
  private var looking = 0
  private var threads = 0
  /// Calls that nobody has taken, for a look without the lock.
  private let waiting = Atomic<Int>(0)

  /// A thread that has just ended a call looks for the next one so often before it sleeps: waking it would take longer than a
  /// short stage.
  private static let looks = 256
  private static let idleSeconds = 2
  /// Deep recursion in a stage's own code must not end the process.
  private static let stackBytes = 16 << 20

  /// - Parameter mayStart: asked before each thread; false plays a system that has none left.
  init(maximum: Int, mayStart: @escaping @Sendable () -> Bool = { true }) {
    (self.maximum, self.mayStart) = (maximum, mayStart)
    lock = .allocate(capacity: 1)
    wake = .allocate(capacity: 1)
    pthread_mutex_init(lock, nil)
    pthread_cond_init(wake, nil)
  }

  deinit {
    pthread_cond_destroy(wake)
    pthread_mutex_destroy(lock)
    wake.deallocate()
    lock.deallocate()
  }

  /// Runs `call` on one of the threads, in order of arrival.
  func run(_ call: @escaping @Sendable () -> Void) {
    pthread_mutex_lock(lock)
    calls.append(call)
    let count = calls.count - first
    waiting.store(count, ordering: .releasing)
    let isSeen = count <= looking
    let isShort = count > idle + looking && threads < maximum
    if isShort { threads += 1 }
    pthread_mutex_unlock(lock)
    if isSeen { return }
    if !isShort {
      // After unlocking, or the thread that wakes would wait for the lock at once.
      pthread_cond_signal(wake)
    } else if !start() {
      lost()
    }
  }

  private func start() -> Bool {
    guard mayStart() else { return false }
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, Self.stackBytes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    let context = Unmanaged.passRetained(self).toOpaque()
    #if canImport(Darwin)
      var thread: pthread_t?
      let result = pthread_create(&thread, &attributes, { runThread($0) }, context)
    #else
      var thread = pthread_t()
      let result = pthread_create(&thread, &attributes, { runThread($0) }, context)
    #endif
    if result != 0 { Unmanaged<ThreadPool>.fromOpaque(context).release() }
    return result == 0
  }

  /// The system gave no thread: the calls wait for one that is there, or, where none is, run here. Until they have, the
  /// place of the missing thread stays taken: a pool of one never has two at work.
  private func lost() {
    pthread_mutex_lock(lock)
    while threads == 1, let call = next() {
      pthread_mutex_unlock(lock)
      call()
      pthread_mutex_lock(lock)
    }
    threads -= 1
    pthread_mutex_unlock(lock)
  }

  fileprivate func work() {
    pthread_mutex_lock(lock)
    while true {
      if let call = next() ?? look() {
        pthread_mutex_unlock(lock)
        call()
        pthread_mutex_lock(lock)
        continue
      }
      idle += 1
      var until = timespec()
      clock_gettime(CLOCK_REALTIME, &until)
      until.tv_sec += Self.idleSeconds
      let result = pthread_cond_timedwait(wake, lock, &until)
      idle -= 1
      if result == ETIMEDOUT, first == calls.count {
        threads -= 1
        pthread_mutex_unlock(lock)
        return
      }
    }
  }

  /// Looks for a call for some microseconds without the lock, letting other threads go first.
  private func look() -> Call? {
    looking += 1
    pthread_mutex_unlock(lock)
    var looks = 0
    while looks < Self.looks, waiting.load(ordering: .acquiring) == 0 {
      sched_yield()
      looks += 1
    }
    pthread_mutex_lock(lock)
    looking -= 1
    return next()
  }

  private func next() -> Call? {
    guard first < calls.count else { return nil }
    let call = calls[first]
    first += 1
    waiting.store(calls.count - first, ordering: .releasing)
    if first == calls.count {
      calls.removeAll(keepingCapacity: true)
      first = 0
    } else if first > 1024, first > calls.count / 2 {
      calls.removeSubrange(0..<first)
      first = 0
    }
    return call
  }
}

private func runThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let context else { return nil }
  Signals.leaveThisThread()
  Unmanaged<ThreadPool>.fromOpaque(context).takeRetainedValue().work()
  return nil
}
