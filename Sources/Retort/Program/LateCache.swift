import Storing
import Synchronization

/// A cache that is opened when it is first asked for: planning asks on a thread of its own, beside its other work.
final class LateCache: Sendable {
  private let make: @Sendable () throws -> Cache
  private let made = Mutex<Cache?>(nil)

  init(_ make: @escaping @Sendable () throws -> Cache) { self.make = make }

  /// The cache, opened at the first call.
  func opened() throws -> Cache {
    try made.withLock { known in
      let cache = try known ?? make()
      known = cache
      return cache
    }
  }
}
