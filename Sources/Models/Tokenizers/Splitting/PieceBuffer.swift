/// Pieces of text between pre-tokenisers, end to end in one buffer.
struct PieceBuffer: Sendable {
  var text = NormalizedText()
  /// Where each piece ends in the text.
  private(set) var ends: [Int] = []
  /// The first source scalar of each piece's slice, as far as anyone asked for sources.
  private(set) var origins: [UInt32] = []

  mutating func removeAll() {
    text.removeAll()
    ends.removeAll(keepingCapacity: true)
    origins.removeAll(keepingCapacity: true)
  }

  /// Ends a piece; an empty one is dropped.
  mutating func endPiece(origin: UInt32) {
    let start = ends.last ?? 0
    guard text.codes.count > start else { return }
    ends.append(text.codes.count)
    origins.append(origin)
  }

  /// Ends a piece whose origin is that of its first code point.
  mutating func endPiece() {
    let start = ends.last ?? 0
    guard text.codes.count > start else { return }
    endPiece(origin: text.tracksSpans ? text.spans[start].start : 0)
  }

  var count: Int { ends.count }

  subscript(index: Int) -> Range<Int> { (index == 0 ? 0 : ends[index - 1])..<ends[index] }

  /// Ends pieces at places of text that is there already.
  mutating func endPieces(at places: [Int]) {
    for place in places {
      let start = ends.last ?? 0
      ends.append(place)
      origins.append(text.tracksSpans ? text.spans[start].start : 0)
    }
  }
}
