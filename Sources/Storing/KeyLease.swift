import Artifacts
import Synchronization

/// The right to compute a key or to use a device, held by a lock that the kernel releases.
final class KeyLease: Lease {
  private let lock: Mutex<ByteLock?>

  init(_ lock: ByteLock) { self.lock = Mutex(lock) }

  func release() { lock.withLock { $0 = nil } }
}
