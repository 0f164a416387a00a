/// What cuts pieces of text into numbered tokens.
enum PieceModel: Sendable {
  case wordPiece(WordPiece)
  case bytePairs(BytePairs)
  case unigram(Unigram)

  /// Memory used again from piece to piece.
  struct Scratch {
    var bytes: [UInt8] = []
    /// For each byte the number of its code point in the piece.
    var letters: [UInt32] = []
    var ids: [Int32] = []
    /// Where each token ends in `bytes`.
    var ends: [Int] = []
    /// Tokens, counted in `ids`, that are written as the text has them.
    var asWritten: [Int] = []
    var merging = BytePairs.Scratch()
    var paths = Unigram.Scratch()

    /// Takes over a piece as UTF-8.
    mutating func take(_ codes: ArraySlice<UInt32>, wantsLetters: Bool) {
      bytes.removeAll(keepingCapacity: true)
      letters.removeAll(keepingCapacity: true)
      ids.removeAll(keepingCapacity: true)
      ends.removeAll(keepingCapacity: true)
      asWritten.removeAll(keepingCapacity: true)
      for code in codes { UTF8Coding.append(code, to: &bytes) }
      guard wantsLetters else { return }
      for (number, code) in codes.enumerated() {
        for _ in 0..<UTF8Coding.length(code) { letters.append(UInt32(truncatingIfNeeded: number)) }
      }
    }
  }

  /// Fills `ids`, `ends` and `asWritten` with the tokens of the bytes in `scratch`.
  func tokenize(_ scratch: inout Scratch) {
    switch self {
    case .wordPiece(let pieces):
      scratch.bytes.withUnsafeBufferPointer { bytes in
        pieces.withMatcher { $0.match(bytes, into: &scratch.ids, ends: &scratch.ends, wantsEnds: true) }
      }
    case .bytePairs(let pairs):
      pairs.tokenize(scratch.bytes, into: &scratch.ids, ends: &scratch.ends, scratch: &scratch.merging)
    case .unigram(let unigram): unigram.tokenize(&scratch)
    }
  }
}
