import Artifacts

/// Byte-pair encoding over bytes: a word's bytes are joined by the earliest merge that applies, again and again.
///
/// Sennrich et al. 2016; over bytes Radford et al. 2019, "Language Models are Unsupervised Multitask Learners". Of equal
/// merges the leftmost goes first, as in Hugging Face tokenizers, `Word::merge_all`.
struct BytePairs: Sendable {
  /// The token of each byte, or −1.
  private let byteIDs: [Int32]
  private let merges: MergeTable
  /// Stands for bytes without a token; nil leaves them out.
  let unknown: Int32?
  let fusesUnknown: Bool
  /// Tokens that their own bytes are joined to: words found here need no merging.
  private var whole: ByteTrie
  /// Letters of a space at the start and at the end of each token.
  let spaces: [SpaceCount]

  struct SpaceCount: Sendable {
    var leading: Int
    var trailing: Int
  }

  /// Memory used again from word to word.
  struct Scratch {
    fileprivate var symbols: [Symbol] = []
    fileprivate var queue = BinaryHeap<Candidate>()
  }

  fileprivate struct Symbol {
    var id: Int32
    /// Bytes that it stands for; 0 once it was joined to the one before.
    var length: Int32
    var previous: Int32
    var next: Int32
  }

  fileprivate struct Candidate: Comparable {
    var rank: Int32
    var place: Int32
    var id: Int32

    static func < (left: Self, right: Self) -> Bool { (left.rank, left.place) < (right.rank, right.place) }
  }

  /// - Parameters:
  ///   - tokens: in the order of their numbers, in the letters of `ByteAlphabet`.
  ///   - merges: pairs of numbers, the first to be joined first, and what each gives.
  ///   - ignoresMerges: whether a word that is a token is that token, whatever the merges say.
  init(
    tokens: [String?], merges: [(left: Int32, right: Int32, joined: Int32)], unknown: Int32? = nil,
    fusesUnknown: Bool = false, ignoresMerges: Bool = false
  ) {
    var byteIDs = [Int32](repeating: -1, count: 256)
    var spaces: [SpaceCount] = []
    var words: [(bytes: [UInt8], id: Int32)] = []
    for (id, token) in tokens.enumerated() {
      let letters = (token ?? "").unicodeScalars
      spaces.append(
        SpaceCount(
          leading: letters.prefix { $0.value == 0x120 }.count,
          trailing: letters.reversed().prefix { $0.value == 0x120 }.count))
      guard let bytes = token.flatMap(ByteAlphabet.bytes), !bytes.isEmpty else { continue }
      if bytes.count == 1 { byteIDs[Int(bytes[0])] = Int32(id) } else { words.append((bytes, Int32(id))) }
    }
    (self.byteIDs, self.spaces) = (byteIDs, spaces)
    (self.unknown, self.fusesUnknown) = (unknown, fusesUnknown)
    self.merges = MergeTable(merges)
    whole = ByteTrie(expecting: 0)
    var found = ByteTrie(expecting: words.count)
    var (ids, ends, scratch): ([Int32], [Int], Scratch) = ([], [], Scratch())
    // Only tokens that their bytes really lead to; long ones are not worth the memory.
    for (bytes, id) in words where ignoresMerges || bytes.count <= 24 {
      if !ignoresMerges {
        ids.removeAll(keepingCapacity: true)
        join(bytes, into: &ids, ends: &ends, scratch: &scratch)
        guard ids == [id] else { continue }
      }
      _ = found.insert(bytes, value: id)
    }
    whole = found
  }

  /// Appends the tokens of a word, and where each ends in it.
  func tokenize(_ word: [UInt8], into ids: inout [Int32], ends: inout [Int], scratch: inout Scratch) {
    if word.count == 1, byteIDs[Int(word[0])] >= 0 {
      ids.append(byteIDs[Int(word[0])])
      ends.append(1)
    } else if let id = whole.value(of: word) {
      ids.append(id)
      ends.append(word.count)
    } else {
      join(word, into: &ids, ends: &ends, scratch: &scratch)
    }
  }

  private func join(_ word: [UInt8], into ids: inout [Int32], ends: inout [Int], scratch: inout Scratch) {
    fill(&scratch.symbols, with: word)
    let count = scratch.symbols.count
    scratch.queue.removeAll()
    for place in 0..<max(0, count - 1) { propose(place, &scratch) }
    while let top = scratch.queue.popFirst() {
      let place = Int(top.place)
      let symbol = scratch.symbols[place]
      guard symbol.length > 0, symbol.next >= 0 else { continue }
      let right = scratch.symbols[Int(symbol.next)]
      // An older proposal, whose symbols were joined to others since.
      guard let merge = merges[symbol.id, right.id], merge.joined == top.id else { continue }
      scratch.symbols[Int(symbol.next)].length = 0
      scratch.symbols[place].id = top.id
      scratch.symbols[place].length += right.length
      scratch.symbols[place].next = right.next
      if right.next >= 0 { scratch.symbols[Int(right.next)].previous = top.place }
      if symbol.previous >= 0 { propose(Int(symbol.previous), &scratch) }
      propose(place, &scratch)
    }
    var end = 0
    for symbol in scratch.symbols where symbol.length > 0 {
      end += Int(symbol.length)
      ids.append(symbol.id)
      ends.append(end)
    }
  }

  @inline(__always)
  private func propose(_ place: Int, _ scratch: inout Scratch) {
    let symbol = scratch.symbols[place]
    guard symbol.next >= 0, let merge = merges[symbol.id, scratch.symbols[Int(symbol.next)].id] else { return }
    scratch.queue.insert(Candidate(rank: merge.rank, place: Int32(place), id: merge.joined))
  }

  private func fill(_ symbols: inout [Symbol], with word: [UInt8]) {
    symbols.removeAll(keepingCapacity: true)
    var fuses = false
    for byte in word {
      var id = byteIDs[Int(byte)]
      let isUnknown = id < 0
      if isUnknown {
        guard let unknown else { continue }
        if fuses, fusesUnknown {
          symbols[symbols.count - 1].length += 1
          continue
        }
        id = unknown
      }
      fuses = isUnknown
      let place = Int32(symbols.count)
      symbols.append(Symbol(id: id, length: 1, previous: place - 1, next: place + 1))
    }
    if !symbols.isEmpty { symbols[symbols.count - 1].next = -1 }
  }
}

/// What pairs of tokens are joined to: one table with open addressing.
struct MergeTable: Sendable {
  struct Merge: Sendable {
    var rank: Int32
    var joined: Int32
  }

  /// `left << 32 | right`, or all ones for a free slot.
  private var keys: [UInt64]
  private var values: [Merge]

  init(_ merges: [(left: Int32, right: Int32, joined: Int32)]) {
    var capacity = 16
    while capacity < merges.count * 2 { capacity *= 2 }
    keys = [UInt64](repeating: .max, count: capacity)
    values = [Merge](repeating: Merge(rank: 0, joined: 0), count: capacity)
    for (rank, merge) in merges.enumerated() {
      let slot = slot(of: Self.key(merge.left, merge.right))
      keys[slot] = Self.key(merge.left, merge.right)
      values[slot] = Merge(rank: Int32(rank), joined: merge.joined)
    }
  }

  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  @inline(__always)
  private func slot(of key: UInt64) -> Int {
    var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & (keys.count - 1)
    while keys[slot] != .max, keys[slot] != key { slot = (slot + 1) & (keys.count - 1) }
    return slot
  }

  @inline(__always)
  subscript(left: Int32, right: Int32) -> Merge? {
    let slot = slot(of: Self.key(left, right))
    return keys[slot] == .max ? nil : values[slot]
  }
}
