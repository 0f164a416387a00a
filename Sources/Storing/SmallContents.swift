import Artifacts

/// Small values that were read not long ago: many stages may take the same one, and its digest tells that it is the same.
struct SmallContents: Sendable {
  private var values: [Digest: [UInt8]] = [:]
  private static let (largest, most) = (1 << 10, 256)

  func value(of digest: Digest) -> [UInt8]? { values[digest] }

  mutating func note(_ bytes: [UInt8], of digest: Digest) {
    guard bytes.count <= Self.largest else { return }
    if values.count == Self.most { values.removeAll(keepingCapacity: true) }
    values[digest] = bytes
  }
}
