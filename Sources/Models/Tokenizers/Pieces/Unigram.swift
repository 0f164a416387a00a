/// sentencepiece's unigram model: of all ways to cut a piece, the one whose tokens have the greatest sum of scores.
///
/// Kudo 2018, "Subword Regularization", §3.2, by the Viterbi algorithm. A character that is no token costs ten more than
/// the worst token; unknown neighbours are one token (Hugging Face tokenizers, `Unigram::encode_optimized`).
struct Unigram: Sendable {
  let trie: ByteTrie
  let scores: [Double]
  let unknown: Int32
  /// Tokens of single bytes, which spell unknown characters; nil where the model has no such fallback.
  let byteIDs: [Int32]?
  private let unknownScore: Double

  /// Memory used again from piece to piece.
  struct Scratch {
    fileprivate var best: [Node] = []
    fileprivate var path: [(start: Int, end: Int, id: Int32)] = []
  }

  fileprivate struct Node {
    var score = 0.0
    /// Where the last token starts, or −1 for a place that nothing leads to.
    var start = -1
    var id: Int32 = 0
  }

  init(trie: ByteTrie, scores: [Double], unknown: Int32, byteIDs: [Int32]?) {
    (self.trie, self.scores, self.unknown, self.byteIDs) = (trie, scores, unknown, byteIDs)
    unknownScore = (scores.min() ?? 0) - 10
  }

  func tokenize(_ scratch: inout PieceModel.Scratch) {
    let count = scratch.bytes.count
    scratch.bytes.withUnsafeBufferPointer { bytes in
      trie.slots.withUnsafeBufferPointer { slots in
        trie.values.withUnsafeBufferPointer { values in
          search(bytes, slots, values, &scratch.paths)
        }
      }
    }
    scratch.paths.path.removeAll(keepingCapacity: true)
    var end = count
    while end > 0 {
      let node = scratch.paths.best[end]
      let last = scratch.paths.path.count - 1
      if node.id == unknown, last >= 0, scratch.paths.path[last].id == unknown, scratch.paths.path[last].start == end {
        scratch.paths.path[last].start = node.start
      } else {
        scratch.paths.path.append((node.start, end, node.id))
      }
      end = node.start
    }
    for part in scratch.paths.path.reversed() { append(part, &scratch) }
  }

  private func search(
    _ bytes: UnsafeBufferPointer<UInt8>, _ slots: UnsafeBufferPointer<UInt64>, _ values: UnsafeBufferPointer<Int32>,
    _ paths: inout Scratch
  ) {
    let count = bytes.count
    paths.best.removeAll(keepingCapacity: true)
    paths.best.append(contentsOf: repeatElement(Node(), count: count + 1))
    paths.best.withUnsafeMutableBufferPointer { best in
      scores.withUnsafeBufferPointer { scores in
        var start = 0
        while start < count {
          let here = best[start].score
          let lead = bytes[start]
          let length = min(lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4, count - start)
          var hasCharacter = false
          var node: UInt32 = 0
          var end = start
          while end < count {
            node = ByteTrie.child(of: node, bytes[end], in: slots)
            if node == 0 { break }
            end += 1
            let id = values[Int(node)]
            if id < 0 { continue }
            let score = scores[Int(id)] + here
            if best[end].start < 0 || score > best[end].score { best[end] = Node(score: score, start: start, id: id) }
            if end - start == length { hasCharacter = true }
          }
          if !hasCharacter {
            let score = unknownScore + here
            let end = start + length
            if best[end].start < 0 || score > best[end].score {
              best[end] = Node(score: score, start: start, id: unknown)
            }
          }
          start += length
        }
      }
    }
  }

  private func append(_ part: (start: Int, end: Int, id: Int32), _ scratch: inout PieceModel.Scratch) {
    guard part.id == unknown else {
      scratch.ids.append(part.id)
      scratch.ends.append(part.end)
      return
    }
    let bytes = scratch.bytes[part.start..<part.end]
    if let id = trie.value(of: bytes) {
      scratch.ids.append(id)
    } else if let byteIDs, bytes.allSatisfy({ byteIDs[Int($0)] >= 0 }) {
      // Each byte's token covers the whole unknown text.
      for byte in bytes {
        scratch.ids.append(byteIDs[Int(byte)])
        scratch.ends.append(part.end)
      }
      return
    } else {
      scratch.asWritten.append(scratch.ids.count)
      scratch.ids.append(unknown)
    }
    scratch.ends.append(part.end)
  }
}
