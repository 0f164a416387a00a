/// Makes a WordPiece vocabulary from word counts, as Hugging Face's `WordPieceTrainer` does.
///
/// Words start as single characters, all but the first with the prefix; the most frequent neighbours are joined until
/// the vocabulary is full or no pair is frequent enough (byte-pair merges, Sennrich et al. 2016). The vocabulary is the
/// special tokens, the alphabet by code point, its continuing forms by code point, then the joined pieces in order.
/// The library numbers the continuing forms in the order of a hash table, so that its ties fall differently from run to
/// run; here equal counts go to the pair with the smaller numbers, always.
public struct WordPieceTrainer: Sendable, Equatable {
  /// Tokens wanted, special ones included; the alphabet may exceed it.
  public var vocabularySize: Int
  /// Pairs that occur less often are not joined.
  public var minimumFrequency: Int
  /// Characters kept; the rarest go first, of equals the larger code point.
  public var alphabetLimit: Int
  public var specialTokens: [String]
  public var prefix: String
  /// Words of more Unicode scalars are left out (the library keeps them): a tokenizer would not cut them into pieces,
  /// and one that fills a file would take time with the square of its length.
  public var longestWord = BertTokenizerOptions().longestWord

  public init(
    vocabularySize: Int = 30_000, minimumFrequency: Int = 2, alphabetLimit: Int = 1000,
    specialTokens: [String] = BertTokenizerOptions().specialTokens, prefix: String = "##"
  ) {
    (self.vocabularySize, self.minimumFrequency) = (vocabularySize, minimumFrequency)
    (self.alphabetLimit, self.specialTokens, self.prefix) = (alphabetLimit, specialTokens, prefix)
  }

  /// - Throws: `vocabulary.emptyText` if there is no word, `vocabulary.badOption` naming the option.
  public func train(on counts: WordCounts) throws -> TokenTable {
    guard vocabularySize > specialTokens.count, minimumFrequency >= 0, alphabetLimit > 0 else {
      throw refusal(
        "vocabulary.badOption",
        "A vocabulary needs a size above its \(specialTokens.count) special tokens and an alphabet of at least one.")
    }
    let usable = counts.counts.filter { word, _ in
      word.count <= longestWord || word.count { $0 & 0xC0 != 0x80 } <= longestWord
    }
    guard !usable.isEmpty else {
      throw refusal("vocabulary.emptyText", "The text holds no word, so no vocabulary can be made from it.")
    }
    var merges = PieceMerges(trainer: self, words: usable)
    merges.run(until: vocabularySize, minimumFrequency: minimumFrequency)
    return try TokenTable(merges.tokens.map { String(decoding: $0, as: UTF8.self) })
  }
}

/// The state of a training: words as rows of pieces, and how often each pair of neighbours occurs.
private struct PieceMerges {
  private(set) var tokens: [[UInt8]] = []
  private var numbers: [[UInt8]: Int32] = [:]
  private let prefix: [UInt8]
  private var words: [(pieces: [Int32], count: Int)] = []
  private var counts: [Pair: Int] = [:]
  /// Words in which a pair occurs or once did.
  private var places: [Pair: [Int32]] = [:]
  private var queue = BinaryHeap<Entry>()

  struct Pair: Hashable {
    let left: Int32
    let right: Int32
  }

  /// The greatest count goes first, of equals the smallest numbers.
  private struct Entry: Comparable {
    let count: Int
    let pair: Pair

    static func < (one: Self, other: Self) -> Bool {
      (other.count, one.pair.left, one.pair.right) < (one.count, other.pair.left, other.pair.right)
    }
  }

  init(trainer: WordPieceTrainer, words source: [[UInt8]: Int]) {
    prefix = Array(trainer.prefix.utf8)
    for token in trainer.specialTokens { _ = number(of: Array(token.utf8)) }
    let sorted = source.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    let letters = sorted.map { ($0.key.scalars, $0.value) }
    var frequency: [UInt32: Int] = [:]
    for (word, count) in letters { for letter in word { frequency[letter.value, default: 0] += count } }
    let kept = frequency.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(trainer.alphabetLimit).map(\.key)
    let alphabet = Set(kept)
    for code in kept.sorted() { _ = number(of: Self.bytes(code)) }
    var continuing: Set<UInt32> = []
    for (word, _) in letters { for letter in word.dropFirst() { continuing.insert(letter.value) } }
    for code in continuing.intersection(alphabet).sorted() { _ = number(of: prefix + Self.bytes(code)) }
    for (word, count) in letters {
      var pieces: [Int32] = []
      for (index, letter) in word.enumerated() where alphabet.contains(letter.value) {
        let bytes = Self.bytes(letter.value)
        pieces.append(number(of: index == 0 ? bytes : prefix + bytes))
      }
      words.append((pieces, count))
    }
    for (index, word) in words.enumerated() {
      for (left, right) in zip(word.pieces, word.pieces.dropFirst()) {
        change(Pair(left: left, right: right), by: word.count, at: Int32(index))
      }
    }
    for (pair, count) in counts { queue.insert(.init(count: count, pair: pair)) }
  }

  private static func bytes(_ code: UInt32) -> [UInt8] {
    Unicode.Scalar(code).flatMap { UTF8.encode($0).map { Array($0) } } ?? []
  }

  private mutating func number(of token: [UInt8]) -> Int32 {
    if let known = numbers[token] { return known }
    let number = Int32(tokens.count)
    numbers[token] = number
    tokens.append(token)
    return number
  }

  private mutating func change(_ pair: Pair, by amount: Int, at word: Int32) {
    counts[pair, default: 0] += amount
    if amount > 0, places[pair]?.last != word { places[pair, default: []].append(word) }
  }

  mutating func run(until size: Int, minimumFrequency: Int) {
    while tokens.count < size, let top = queue.popFirst() {
      let count = counts[top.pair] ?? 0
      if count != top.count {
        // The count fell since; the pair waits again at its present one.
        if count > 0 { queue.insert(.init(count: count, pair: top.pair)) }
        continue
      }
      if count < 1 || count < minimumFrequency { return }
      merge(top.pair)
    }
  }

  private mutating func merge(_ pair: Pair) {
    var right = tokens[Int(pair.right)]
    if right.starts(with: prefix) { right.removeFirst(prefix.count) }
    let joined = number(of: tokens[Int(pair.left)] + right)
    var grown: Set<Pair> = []
    let touched = Set(places.removeValue(forKey: pair) ?? [])
    for word in touched.sorted() {
      var pieces = words[Int(word)].pieces
      let count = words[Int(word)].count
      var index = 0
      var merged = false
      while index + 1 < pieces.count {
        guard pieces[index] == pair.left, pieces[index + 1] == pair.right else {
          index += 1
          continue
        }
        merged = true
        if index > 0 {
          change(Pair(left: pieces[index - 1], right: pair.left), by: -count, at: word)
          let new = Pair(left: pieces[index - 1], right: joined)
          change(new, by: count, at: word)
          grown.insert(new)
        }
        if index + 2 < pieces.count {
          change(Pair(left: pair.right, right: pieces[index + 2]), by: -count, at: word)
          let new = Pair(left: joined, right: pieces[index + 2])
          change(new, by: count, at: word)
          grown.insert(new)
        }
        pieces[index] = joined
        pieces.remove(at: index + 1)
        index += 1
      }
      if merged { words[Int(word)].pieces = pieces }
    }
    counts[pair] = nil
    for new in grown { if let count = counts[new], count > 0 { queue.insert(.init(count: count, pair: new)) } }
  }
}

extension [UInt8] {
  fileprivate var scalars: [Unicode.Scalar] {
    Array<Unicode.Scalar>(String(decoding: self, as: UTF8.self).unicodeScalars)
  }
}
