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
    @inline(__always)
    mutating func take(_ codes: Slice<UnsafeBufferPointer<UInt32>>, wantsLetters: Bool) {
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

  /// Cuts pieces one after the other: `next` puts a piece's bytes into `scratch` while there are any, `done` takes its
  /// `ids`, `ends` and `asWritten`.
  @inline(__always)
  func tokenizeEach(
    _ scratch: inout Scratch, next: (inout Scratch) -> Bool, done: (inout Scratch) -> Void
  ) {
    switch self {
    case .wordPiece(let pieces):
      pieces.withMatcher { matcher in
        while next(&scratch) {
          scratch.bytes.withUnsafeBufferPointer { bytes in
            matcher.match(bytes, into: &scratch.ids, ends: &scratch.ends, wantsEnds: true)
          }
          done(&scratch)
        }
      }
    case .bytePairs(let pairs):
      while next(&scratch) {
        pairs.tokenize(scratch.bytes, into: &scratch.ids, ends: &scratch.ends, scratch: &scratch.merging)
        done(&scratch)
      }
    case .unigram(let unigram):
      while next(&scratch) {
        unigram.tokenize(&scratch)
        done(&scratch)
      }
    }
  }
}
