import Artifacts
import CThreads
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension Cache {
  /// Applies what is pending to the index on a thread of its own, so that stages need not wait for it. A thread that reads
  /// the index does.
  ///
  /// - Returns: false where the caller has to apply it.
  func applyBeside(_ journal: Journal) -> Bool {
    // A test that makes calls to the system fail wants them in one order.
    guard InjectedFault.current == nil else { return false }
    let (departure, isTooLarge) = pending.withLock { ($0.beginLeaving(), $0.isTooLarge) }
    guard let departure else { return !isTooLarge }
    let errand = Unmanaged.passRetained(Errand(cache: self, journal: journal, departure: departure))
    #if canImport(Darwin)
      var thread: pthread_t?
      let failure = retort_start_beside(&thread, { carryOut($0) }, errand.toOpaque())
      if failure == 0, let thread { pthread_detach(thread) }
    #else
      var thread = pthread_t()
      let failure = retort_start_beside(&thread, { carryOut($0) }, errand.toOpaque())
      if failure == 0 { pthread_detach(thread) }
    #endif
    guard failure == 0 else {
      errand.release()
      pending.withLock { $0.cancelLeaving(departure) }
      return false
    }
    return true
  }

  fileprivate func apply(_ journal: Journal, _ departure: Int) {
    do {
      // What is being appended meanwhile may yet be taken back.
      _ = try index.catchUp(with: journal, upTo: journal.end.offset)
      pending.withLock { $0.endLeaving(departure) }
      // Nobody may append between syncing the journal and moving the log.
      try writer.withLock { try index.emptyLog(over: Self.largestLog, $0.journal) }
    } catch {
      // The next read tries again, and says what is wrong.
      pending.withLock { $0.cancelLeaving(departure) }
    }
  }
}

/// What the thread does; it keeps the cache open until it is through.
private final class Errand: Sendable {
  let cache: Cache
  let journal: Journal
  let departure: Int

  init(cache: Cache, journal: Journal, departure: Int) {
    (self.cache, self.journal, self.departure) = (cache, journal, departure)
  }
}

private func carryOut(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let context else { return nil }
  let errand = Unmanaged<Errand>.fromOpaque(context).takeRetainedValue()
  errand.cache.apply(errand.journal, errand.departure)
  return nil
}
