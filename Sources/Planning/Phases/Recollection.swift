import CThreads
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the store knows of the pipeline's last run: its steps, and the results that their keys have now.
///
/// A run with nothing to do needs no others, however long its chains are.
struct Recollection: Sendable {
  let store: any ArtifactStore
  let previous: PreviousRun
  let executions: [Key: Execution]

  /// Parameters as in `Recollecting.init`.
  init(_ store: any ArtifactStore, _ pipeline: String, _ profile: NumericsProfile, _ run: RunID?) throws {
    self.store = store
    previous = PreviousRun(try store.previousSteps(of: pipeline, before: run))
    let keys = previous.steps.compactMap(\.key)
    executions = keys.isEmpty ? [:] : try store.executions(of: keys, preferring: profile, pinnedBy: run)
  }
}

/// Opens the store and recollects on a thread of its own, which takes about as long as encoding the stages meanwhile.
///
/// Where the system gives no thread, it is done when it is asked for.
public final class Recollecting: Sendable {
  private let work: @Sendable () throws -> Recollection
  private let state = Mutex(State())
  private let isDone: Atomic<Bool>
  private static let looks = 10_000
  /// In bytes: what a thousand stages take.
  private static let heap = 2 << 20

  private struct State {
    var result: Result<Recollection, any Error>?
    var thread: pthread_t?
    var errand: (@Sendable () -> Void)?
  }

  /// Begins.
  ///
  /// - Parameters:
  ///   - pipeline: the name under which earlier runs are found.
  ///   - profile: this machine's numerics, to choose among several results of a key.
  ///   - run: the run to pin results to, if one has begun.
  public init(
    of pipeline: String, preferring profile: @escaping @Sendable () -> NumericsProfile, for run: RunID? = nil,
    in open: @escaping @Sendable () throws -> any ArtifactStore
  ) {
    work = {
      let profile = profile()
      return try Recollection(open(), pipeline, profile, run)
    }
    // A test that counts calls to the system wants them in one order.
    let begins = InjectedFault.current == nil
    isDone = Atomic(!begins)
    if begins { start() }
  }

  deinit {
    if let thread = state.withLock({ $0.thread }) { pthread_detach(thread) }
  }

  private func start() {
    let context = Unmanaged.passRetained(self).toOpaque()
    #if canImport(Darwin)
      var thread: pthread_t?
    #else
      var thread = pthread_t()
    #endif
    let failure = retort_start_beside(&thread, { recollect($0) }, context)
    guard failure == 0 else {
      isDone.store(true, ordering: .relaxed)
      return Unmanaged<Recollecting>.fromOpaque(context).release()
    }
    state.withLock { $0.thread = thread }
  }

  fileprivate func carryOut() {
    retort_reserve_heap(Self.heap)
    let result = Result { try work() }
    let errand = state.withLock { state in
      state.result = result
      return state.errand.take()
    }
    isDone.store(true, ordering: .releasing)
    errand?()
  }

  /// Lets the thread do something else when it has recollected. Nothing where it has none, or is through.
  func afterwards(_ errand: @escaping @Sendable () -> Void) {
    state.withLock { if $0.result == nil, $0.thread != nil { $0.errand = errand } }
  }

  /// Whether no thread is at work for it, any more.
  public var isOver: Bool { isDone.load(ordering: .acquiring) }

  private func wait() {
    if let thread = state.withLock({ $0.thread.take() }) {
      // As a rule it ends within a millisecond, and waking up takes a third of one.
      var looks = 0
      while looks < Self.looks, !isOver {
        sched_yield()
        looks += 1
      }
      if looks < Self.looks { pthread_detach(thread) } else { pthread_join(thread, nil) }
    }
  }

  /// Waits for the recollection. Call it from one thread.
  func value() throws -> Recollection {
    wait()
    if let result = state.withLock({ $0.result }) { return try result.get() }
    return try work()
  }
}

private func recollect(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let context else { return nil }
  Unmanaged<Recollecting>.fromOpaque(context).takeRetainedValue().carryOut()
  return nil
}
