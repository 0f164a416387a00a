import Tensors

/// Sequences laid end to end without padding, with what tells their tokens apart.
///
/// A shard is a `PackedBatch` too: it knows where its first token and example stand in the whole batch, so that dropout
/// masks and labels do not depend on how the batch was cut.
public struct PackedBatch: Sendable, Equatable {
  /// Token ids of all sequences, one after another: [tokens].
  public private(set) var ids: [Int32] = []
  /// Segment of each token: [tokens].
  public private(set) var typeIDs: [Int32] = []
  /// Place of each token in its sequence: [tokens].
  public private(set) var positions: [Int32] = []
  /// Sequence s has the rows `offsets[s] ..< offsets[s + 1]`.
  public private(set) var offsets: [Int32] = [0]
  /// Whole-batch number of the first token.
  public private(set) var firstRow = 0
  /// Whole-batch number of the first sequence.
  public private(set) var firstExample = 0

  public var tokenCount: Int { ids.count }
  public var sequenceCount: Int { offsets.count - 1 }
  /// This shard's sequences in the whole batch.
  public var examples: Range<Int> { firstExample..<firstExample + sequenceCount }
  /// Row of each sequence's first token ([CLS]).
  public var firstRows: [Int32] { Array(offsets.dropLast()) }

  public init() {}

  /// - Parameters:
  ///   - sequences: token ids, special tokens included; an empty sequence is refused.
  ///   - types: segments, as many as tokens; nil means all 0.
  public init(_ sequences: [[Int32]], types: [[Int32]]? = nil) throws(TensorError) {
    if let types, types.map(\.count) != sequences.map(\.count) {
      throw .shape(operation: "PackedBatch", detail: "the segments do not fit the sequences")
    }
    for (index, sequence) in sequences.enumerated() {
      try append(sequence, types: types?[index])
    }
  }

  /// Adds a sequence.
  public mutating func append(_ sequence: [Int32], types: [Int32]? = nil) throws(TensorError) {
    guard !sequence.isEmpty else { throw .shape(operation: "PackedBatch", detail: "a sequence is empty") }
    guard types.map({ $0.count == sequence.count }) ?? true else {
      throw .shape(operation: "PackedBatch", detail: "the segments do not fit the sequence")
    }
    ids += sequence
    typeIDs += types ?? [Int32](repeating: 0, count: sequence.count)
    positions += 0..<Int32(sequence.count)
    offsets.append(Int32(ids.count))
  }

  /// Cuts the batch into `count` runs of whole sequences with about as many tokens each; later shards may be empty.
  ///
  /// The cut depends on the lengths alone, so losses and gradients summed in shard order are the same on any number of
  /// threads.
  public func shards(_ count: Int) -> [PackedBatch] {
    var shards: [PackedBatch] = []
    var start = 0
    for shard in 0..<max(count, 1) {
      let goal = tokenCount * (shard + 1) / max(count, 1)
      var end = start
      while end < sequenceCount, shard == count - 1 || middle(end) < goal { end += 1 }
      shards.append(slice(start..<end))
      start = end
    }
    return shards
  }

  /// Some consecutive sequences as a shard.
  public func slice(_ sequences: Range<Int>) -> PackedBatch {
    let rows = Int(offsets[sequences.lowerBound])..<Int(offsets[sequences.upperBound])
    var slice = PackedBatch()
    (slice.ids, slice.typeIDs, slice.positions) = (Array(ids[rows]), Array(typeIDs[rows]), Array(positions[rows]))
    slice.offsets = offsets[sequences.lowerBound...sequences.upperBound].map { $0 - Int32(rows.lowerBound) }
    slice.firstRow = firstRow + rows.lowerBound
    slice.firstExample = firstExample + sequences.lowerBound
    return slice
  }

  private func middle(_ sequence: Int) -> Int { Int(offsets[sequence] + offsets[sequence + 1]) / 2 }
}
