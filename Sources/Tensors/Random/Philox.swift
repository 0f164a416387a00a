import CKernels

/// Philox4x32-10: a block of four random words as a pure function of a counter and a key.
///
/// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
public enum Philox {
  /// The block of `counter` under `key`.
  public static func block(_ counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var words = SIMD4<UInt32>()
    withUnsafeBytes(of: counter) { counter in
      withUnsafeBytes(of: key) { key in
        withUnsafeMutableBytes(of: &words) { words in
          if let c = counter.baseAddress, let k = key.baseAddress, let w = words.baseAddress {
            retort_philox(
              c.assumingMemoryBound(to: UInt32.self), k.assumingMemoryBound(to: UInt32.self),
              w.assumingMemoryBound(to: UInt32.self))
          }
        }
      }
    }
    return words
  }

  /// A 64-bit seed as a key.
  public static func key(seed: UInt64) -> SIMD2<UInt32> {
    SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
  }
}
