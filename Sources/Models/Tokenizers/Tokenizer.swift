import Artifacts

/// Text cut into numbered tokens, ready for a model.
public struct Encoding: Sendable, Equatable {
  /// Token numbers.
  public var ids: [Int32] = []
  /// 0 for the first text and its special tokens, 1 for the second.
  public var typeIDs: [Int32] = []
  /// For each token the Unicode scalars of its text that it covers; empty for special tokens. Filled on request.
  public var offsets: [Range<Int>] = []
  /// By its place, the text of a token that is written otherwise than in the vocabulary: an unknown word as the text has
  /// it, a mask with the space before it. Filled with offsets.
  public var spellings: [Int: String] = [:]

  public init() {}

  public var count: Int { ids.count }
}

/// Which text gives way when a pair is longer than allowed.
public enum TruncationStrategy: String, Sendable, Codable {
  /// The longer one first; then both evenly.
  case longestFirst = "longest_first"
  case onlyFirst = "only_first"
  case onlySecond = "only_second"
}

/// Cuts text into tokens and frames them as its model expects.
public protocol Tokenizer: Sendable {
  /// One more than the largest token number.
  var vocabularySize: Int { get }
  /// Fills what is left over where batches are padded.
  var padding: Int32 { get }
  /// Stands for a hidden token, where the model has one.
  var mask: Int32? { get }
  /// Numbers that frame text rather than come from it.
  var specialIDs: Set<Int32> { get }
  /// Special tokens around one text.
  var framingCount: Int { get }
  /// Special tokens around a pair.
  var pairFramingCount: Int { get }

  func id(of token: String) -> Int32?
  func token(_ id: Int32) -> String?

  /// Appends the tokens of a text, without special ones around it.
  func tokenize(_ text: String, into encoding: inout Encoding, wantsOffsets: Bool)

  /// Frames one or two tokenised texts with special tokens.
  func frame(_ first: Encoding, _ second: Encoding?) -> Encoding

  /// Identifies what the tokenizer does: equal digests, equal tokens of every text.
  var digest: Digest { get }

  /// Writes the tokenizer's files into a folder that exists, in a form that Hugging Face's `AutoTokenizer` loads.
  ///
  /// - Throws: `file.unwritable`.
  func write(to folder: FilePath) throws
}

extension Tokenizer {
  /// Tokens of a text without special ones around it.
  public func ids(of text: String) -> [Int32] {
    var encoding = Encoding()
    tokenize(text, into: &encoding, wantsOffsets: false)
    return encoding.ids
  }

  /// The texts of an encoding's tokens: those of the vocabulary, where it was encoded with offsets also spellings.
  public func texts(of encoding: Encoding) -> [String] {
    encoding.ids.enumerated().map { place, id in encoding.spellings[place] ?? token(id) ?? "" }
  }

  /// Tokens of one text or a pair, framed, at most `longest` long.
  ///
  /// - Parameters:
  ///   - longest: The largest number of tokens with the special ones; nil for no limit.
  ///   - wantsOffsets: Whether `offsets` is filled.
  /// - Throws: `tokenizer.truncation` where `longest` leaves no room for the special tokens, or the strategy asks to
  ///   shorten one text by more than it has.
  public func encode(
    _ text: String, _ pair: String? = nil, longest: Int? = nil, strategy: TruncationStrategy = .longestFirst,
    wantsOffsets: Bool = false
  ) throws -> Encoding {
    var first = Encoding()
    tokenize(text, into: &first, wantsOffsets: wantsOffsets)
    var second: Encoding?
    if let pair {
      var encoding = Encoding()
      tokenize(pair, into: &encoding, wantsOffsets: wantsOffsets)
      second = encoding
    }
    if let longest { try truncate(&first, &second, to: longest, strategy: strategy) }
    return frame(first, second)
  }

  /// Shortens texts so that they and their special tokens have at most `longest` tokens.
  private func truncate(
    _ first: inout Encoding, _ second: inout Encoding?, to longest: Int, strategy: TruncationStrategy
  ) throws {
    let room = longest - (second == nil ? framingCount : pairFramingCount)
    guard room >= 0 else {
      throw refusal("tokenizer.truncation", "A length of \(longest) leaves no room for the special tokens.")
    }
    let counts = (first.count, second?.count ?? 0)
    let excess = counts.0 + counts.1 - room
    if excess <= 0 { return }
    guard var other = second else {
      first.cut(to: room)
      return
    }
    switch strategy {
    case .longestFirst:
      var (short, long) = (min(counts.0, counts.1), max(counts.0, counts.1))
      long = short > room ? short : max(short, room - short)
      if short + long > room { (short, long) = (room / 2, room / 2 + room % 2) }
      first.cut(to: counts.0 > counts.1 ? long : short)
      other.cut(to: counts.0 > counts.1 ? short : long)
    case .onlyFirst:
      guard counts.0 > excess else {
        throw refusal("tokenizer.truncation", "The first text is too short to be shortened by \(excess) tokens.")
      }
      first.cut(to: counts.0 - excess)
    case .onlySecond:
      guard counts.1 > excess else {
        throw refusal("tokenizer.truncation", "The second text is too short to be shortened by \(excess) tokens.")
      }
      other.cut(to: counts.1 - excess)
    }
    second = other
  }
}

extension Encoding {
  fileprivate mutating func cut(to count: Int) {
    guard count < ids.count else { return }
    ids.removeSubrange(count...)
    if typeIDs.count > count { typeIDs.removeSubrange(count...) }
    if offsets.count > count { offsets.removeSubrange(count...) }
    if !spellings.isEmpty { spellings = spellings.filter { $0.key < count } }
  }
}
