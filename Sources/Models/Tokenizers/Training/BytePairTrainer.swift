import Artifacts

/// Makes a byte-level BPE vocabulary from word counts, as Hugging Face's `BpeTrainer` does.
///
/// Words start as single bytes; the most frequent neighbours are joined until the vocabulary is full or no pair is
/// frequent enough (Sennrich et al. 2016, over bytes as in Radford et al. 2019). The vocabulary is the special tokens, the
/// letters of all 256 bytes by code point, then the joined pieces in order. Equal counts go to the pair with the smaller
/// numbers.
public struct BytePairTrainer: Sendable, Equatable {
  /// Tokens wanted, special ones and the 256 bytes included.
  public var vocabularySize: Int
  /// Pairs that occur less often are not joined.
  public var minimumFrequency: Int
  public var specialTokens: [String]
  /// Words of more bytes are left out (the library keeps them): one that fills a file would take time with the square of
  /// its length.
  public var longestWord = 1_000

  public init(
    vocabularySize: Int = 30_000, minimumFrequency: Int = 2,
    specialTokens: [String] = BytePairTrainer.robertaTokens
  ) {
    (self.vocabularySize, self.minimumFrequency) = (vocabularySize, minimumFrequency)
    self.specialTokens = specialTokens
  }

  /// RoBERTa's special tokens in the order of their numbers.
  public static let robertaTokens = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]

  /// Tokens in the order of their numbers, and pairs of numbers in the order in which they are joined.
  public struct Result: Sendable {
    public var tokens: [String]
    public var merges: [(left: Int32, right: Int32)]
  }

  /// - Throws: `vocabulary.emptyText` if there is no word, `vocabulary.badOption` naming the option.
  public func train(on counts: ByteWordCounts) throws -> Result {
    guard vocabularySize >= specialTokens.count + 256, minimumFrequency >= 0 else {
      throw refusal(
        "vocabulary.badOption",
        "A byte-level vocabulary needs a size of at least its \(specialTokens.count) special tokens and 256 bytes.")
    }
    let words = counts.counts.filter { $0.key.count <= longestWord }
    guard !words.isEmpty else {
      throw refusal("vocabulary.emptyText", "The text holds no word, so no vocabulary can be made from it.")
    }
    var run = BytePairMerging(specialTokens: specialTokens, words: words)
    run.join(until: vocabularySize, minimumFrequency: minimumFrequency)
    return Result(tokens: run.tokens, merges: run.orderedMerges)
  }

  /// A tokenizer of the trained vocabulary in RoBERTa's frame.
  ///
  /// - Throws: What `train(on:)` throws, and `tokenizer.badDocument` where special tokens of RoBERTa are left out.
  public func tokenizer(on counts: ByteWordCounts, longest: Int = 512) throws -> ComposedTokenizer {
    let result = try train(on: counts)
    var options = RobertaOptions()
    options.addsPrefixSpace = counts.addsPrefixSpace
    options.modelLength = longest
    let vocabulary = JSONValue.object(result.tokens.enumerated().map { .init($1, .number($0)) })
    let merges = result.merges.map { pair in
      JSONValue.array([.string(result.tokens[Int(pair.left)]), .string(result.tokens[Int(pair.right)])])
    }
    var roles = TokenizerRoles()
    (roles.padding, roles.mask, roles.modelLength) = (options.padding, options.mask, longest)
    roles.files[TokenizerRoles.configurationName] = Array(options.configurationText.utf8)
    return try ComposedTokenizer(
      TokenizerDocument.roberta(vocabulary: vocabulary, merges: merges, options: options), roles: roles,
      file: FilePath("tokenizer.json"))
  }
}

/// How often each word of a text occurs, words being what GPT-2's pattern cuts.
public struct ByteWordCounts: Sendable {
  /// Whether a text starts as if a space were before it.
  public let addsPrefixSpace: Bool
  /// By the words' UTF-8.
  public private(set) var counts: [[UInt8]: Int] = [:]

  public init(addsPrefixSpace: Bool = false) { self.addsPrefixSpace = addsPrefixSpace }

  /// Adds the words of a text.
  public mutating func add(_ text: String) {
    var codes = text.unicodeScalars.map(\.value)
    if addsPrefixSpace, let first = codes.first, first != 0x20 { codes.insert(0x20, at: 0) }
    var start = 0
    for end in codes.withUnsafeBufferPointer(BytePattern.ends) {
      var word: [UInt8] = []
      for code in codes[start..<end] { UTF8Coding.append(code, to: &word) }
      counts[word, default: 0] += 1
      start = end
    }
  }

  /// Adds another text's counts, as when files are counted side by side.
  public mutating func merge(_ other: ByteWordCounts) { counts.merge(other.counts, uniquingKeysWith: +) }
}

/// The state of a training: words as rows of tokens, and how often each pair of neighbours occurs.
private struct BytePairMerging {
  private(set) var tokens: [String] = []
  private var numbers: [String: Int32] = [:]
  private var words: [(pieces: [Int32], count: Int)] = []
  private var counts: [Pair: Int] = [:]
  private var queue = BinaryHeap<Entry>()
  /// A pair that is joined again later counts from then on.
  private var ranks: [Pair: Int] = [:]
  private var joined = 0

  struct Pair: Hashable {
    var left: Int32
    var right: Int32
  }

  /// A pair with its count, and the words in which it came up then.
  private struct Entry: Comparable {
    var count: Int
    var pair: Pair
    var places: [Int32]

    static func < (one: Self, other: Self) -> Bool {
      (other.count, one.pair.left, one.pair.right) < (one.count, other.pair.left, other.pair.right)
    }
    static func == (one: Self, other: Self) -> Bool { one.count == other.count && one.pair == other.pair }
  }

  init(specialTokens: [String], words source: [[UInt8]: Int]) {
    for token in specialTokens { _ = number(of: token) }
    for letter in ByteAlphabet.letters.sorted() {
      if let scalar = Unicode.Scalar(letter) { _ = number(of: String(Character(scalar))) }
    }
    let bytes = (0..<256).map { numbers[ByteAlphabet.text(of: [UInt8($0)])] ?? 0 }
    for (word, count) in source.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      words.append((word.map { bytes[Int($0)] }, count))
    }
    var places: [Pair: [Int32]] = [:]
    for (index, word) in words.enumerated() {
      for (left, right) in zip(word.pieces, word.pieces.dropFirst()) {
        let pair = Pair(left: left, right: right)
        counts[pair, default: 0] += word.count
        if places[pair]?.last != Int32(index) { places[pair, default: []].append(Int32(index)) }
      }
    }
    for (pair, list) in places { queue.insert(Entry(count: counts[pair] ?? 0, pair: pair, places: list)) }
  }

  private mutating func number(of token: String) -> Int32 {
    if let known = numbers[token] { return known }
    numbers[token] = Int32(tokens.count)
    tokens.append(token)
    return Int32(tokens.count - 1)
  }

  mutating func join(until size: Int, minimumFrequency: Int) {
    while tokens.count < size, let top = queue.popFirst() {
      let count = counts[top.pair] ?? 0
      if count != top.count {
        queue.insert(Entry(count: count, pair: top.pair, places: top.places))
        continue
      }
      if count < 1 || count < minimumFrequency { return }
      join(top)
    }
  }

  private mutating func join(_ entry: Entry) {
    let (left, right) = (entry.pair.left, entry.pair.right)
    let new = number(of: tokens[Int(left)] + tokens[Int(right)])
    ranks[entry.pair] = joined
    joined += 1
    var places: [Pair: [Int32]] = [:]
    for word in entry.places {
      let count = words[Int(word)].count
      func change(_ one: Int32, _ other: Int32, by amount: Int) {
        let pair = Pair(left: one, right: other)
        counts[pair, default: 0] += amount * count
        if amount > 0, places[pair]?.last != word { places[pair, default: []].append(word) }
      }
      let pieces = words[Int(word)].pieces
      var result: [Int32] = []
      var index = 0
      while index < pieces.count {
        guard index + 1 < pieces.count, pieces[index] == left, pieces[index + 1] == right else {
          result.append(pieces[index])
          index += 1
          continue
        }
        if let before = result.last {
          change(before, left, by: -1)
          change(before, new, by: 1)
        }
        if index + 2 < pieces.count {
          change(right, pieces[index + 2], by: -1)
          change(new, pieces[index + 2], by: 1)
        }
        result.append(new)
        index += 2
      }
      words[Int(word)].pieces = result
    }
    for (pair, list) in places {
      let count = counts[pair] ?? 0
      if count > 0 { queue.insert(Entry(count: count, pair: pair, places: list)) }
    }
  }

  var orderedMerges: [(left: Int32, right: Int32)] {
    ranks.sorted { $0.value < $1.value }.map { ($0.key.left, $0.key.right) }
  }
}
