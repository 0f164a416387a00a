import Tensors

extension PackedBatch {
  /// Cuts each sequence where its segment 1 begins: side 2s is the first text of pair s, side 2s + 1 the second. A side
  /// may be empty.
  ///
  /// - Returns: offsets of twice as many sequences over the same tokens.
  /// - Throws: `TensorError.shape` for a segment other than 0 and 1, or one that goes back to 0.
  public func sideOffsets() throws(TensorError) -> [Int32] {
    var sides: [Int32] = [0]
    sides.reserveCapacity(2 * sequenceCount + 1)
    for (start, end) in zip(offsets, offsets.dropFirst()) {
      let segments = typeIDs[Int(start)..<Int(end)]
      let firstLength = segments.prefix { $0 == 0 }.count
      guard segments.dropFirst(firstLength).allSatisfy({ $0 == 1 }) else {
        throw .shape(operation: "sideOffsets", detail: "the segments of a pair are not 0, then 1")
      }
      sides.append(start + Int32(firstLength))
      sides.append(end)
    }
    return sides
  }
}
