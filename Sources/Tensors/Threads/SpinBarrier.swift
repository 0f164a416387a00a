import CKernels

/// Where a fixed number of threads wait for one another, without sleeping: for waits of microseconds.
public final class SpinBarrier: @unchecked Sendable {
  private let state: UnsafeMutablePointer<retort_barrier>
  private let count: UInt32

  public init(_ count: Int) {
    self.count = UInt32(count)
    state = .allocate(capacity: 1)
    state.initialize(to: retort_barrier())
  }

  deinit { state.deallocate() }

  /// Returns when all threads have called it; what each wrote before, all may read afterwards.
  public func meet() { retort_barrier_meet(state, count) }
}
