import Artifacts
import Synchronization

/// The moment from which on a store does nothing any more, as one whose process was killed.
public final class PowerCut: Sendable {
  private let left: Mutex<Int>

  /// - Parameter calls: how many still go well.
  public init(after calls: Int) { left = Mutex(calls) }

  /// Whether a call was refused.
  public var hasHappened: Bool { left.withLock { $0 < 0 } }

  /// Counts a call; throws `test.power` once the power is off.
  public func count() throws {
    let isOver = left.withLock { left in
      if left >= 0 { left -= 1 }
      return left < 0
    }
    if isOver { throw RetortError("test.power", "The power is off.", blame: .environment) }
  }

  /// A store in which every call that writes or leases counts.
  public func store(over base: any ArtifactStore) -> RefusingStore {
    RefusingStore(base) { call in if case .lookUp = call { return } else { try self.count() } }
  }
}
