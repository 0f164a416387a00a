import Artifacts

/// Which keys have executions in the index, so that a run of new stages need not seek each of them there.
///
/// Only the first eight bytes of a key are kept: of two that share them the index knows. What other processes apply to the
/// index is not seen here, so whoever holds this forgets it as soon as one did.
struct IndexedKeys: Sendable {
  private var known: Set<UInt64>?
  private var misses: Int64 = 0

  /// Bytes of journal that are read back as keys in the time that the index takes to say that it lacks one.
  private static let bytesAMiss: Int64 = 40 << 10

  /// False where the index cannot have executions of the key.
  func mayHave(_ key: Key) -> Bool { known?.contains(Self.beginning(of: key)) ?? true }

  /// Notes that so many keys were sought in vain.
  ///
  /// - Returns: whether reading all keys of an index of `bytes` of journal would have been as quick as those misses, so
  ///   that it is worth the time for those to come.
  mutating func miss(_ count: Int, bytes: Int64) -> Bool {
    guard known == nil else { return false }
    misses += Int64(count)
    return misses > bytes / Self.bytesAMiss
  }

  mutating func load(_ keys: [Key]) { known = Set(keys.lazy.map(Self.beginning)) }

  mutating func insert(_ key: Key) { known?.insert(Self.beginning(of: key)) }

  private static func beginning(of key: Key) -> UInt64 { key.digest.fourWords.0 }
}
