import Artifacts

/// BERT's tokenizer: words by `BertWords`, pieces by `WordPiece`, `[CLS] a [SEP] b [SEP]` around them.
///
/// Ids equal those of Hugging Face's `BertTokenizerFast`, also in that a special token written out in the text, such as
/// `[MASK]`, is that token.
public struct BertTokenizer: Tokenizer {
  public let options: BertTokenizerOptions
  public let pieces: WordPiece
  private let classifier: Int32
  private let separator: Int32
  public let padding: Int32
  public let mask: Int32?
  public let specialIDs: Set<Int32>
  /// Special tokens to find in text, longest first.
  private let written: [(bytes: [UInt8], id: Int32)]

  /// - Throws: `tokenizer.specialToken` if the table lacks one of the special tokens other than the mask.
  public init(table: TokenTable, options: BertTokenizerOptions = .init(), file: String? = nil) throws {
    func id(_ token: String, _ role: String) throws -> Int32 {
      guard let id = table.id(of: token) else {
        throw refusal(
          "tokenizer.specialToken", "The vocabulary has no \"\(token)\", which the tokenizer needs for \(role).",
          at: file, remedy: "Add the token to the vocabulary, or name another in tokenizer_config.json.")
      }
      return id
    }
    let unknown = try id(options.unknownToken, "unknown words")
    classifier = try id(options.classifierToken, "the start of a text")
    separator = try id(options.separatorToken, "the end of a text")
    padding = try id(options.paddingToken, "padding")
    mask = table.id(of: options.maskToken)
    pieces = WordPiece(table: table, unknown: unknown, longestWord: options.longestWord)
    specialIDs = Set([unknown, classifier, separator, padding] + (mask.map { [$0] } ?? []))
    let names = [
      options.unknownToken, options.classifierToken, options.separatorToken, options.paddingToken, options.maskToken,
    ]
    written = Set(names.map { Array($0.utf8) }).sorted { $0.count > $1.count }.compactMap { bytes in
      table.trie.value(of: bytes).map { (bytes, $0) }
    }
    self.options = options
  }

  public var table: TokenTable { pieces.table }
  public var vocabularySize: Int { table.count }
  public var framingCount: Int { 2 }
  public var pairFramingCount: Int { 3 }
  public func id(of token: String) -> Int32? { table.id(of: token) }
  public func token(_ id: Int32) -> String? { table[id] }

  public func tokenize(_ text: String, into encoding: inout Encoding, wantsOffsets: Bool = false) {
    var text = text
    var ends: [Int] = []
    var scratch = BertWords.Scratch()
    text.withUTF8 { bytes in
      pieces.withMatcher { matcher in
        tokenize(bytes, matcher, &encoding, wantsOffsets: wantsOffsets, ends: &ends, scratch: &scratch)
      }
    }
  }

  public func frame(_ first: Encoding, _ second: Encoding?) -> Encoding {
    var result = Encoding()
    let count = first.count + (second?.count ?? 0) + (second == nil ? 2 : 3)
    result.ids.reserveCapacity(count)
    result.ids.append(classifier)
    result.ids += first.ids
    result.ids.append(separator)
    result.typeIDs = [Int32](repeating: 0, count: result.ids.count)
    if let second {
      result.ids += second.ids
      result.ids.append(separator)
      result.typeIDs += [Int32](repeating: 1, count: second.count + 1)
    }
    if first.offsets.count == first.count, second.map({ $0.offsets.count == $0.count }) ?? true {
      result.offsets = [0..<0] + first.offsets + [0..<0] + (second.map { $0.offsets + [0..<0] } ?? [])
    }
    return result
  }

  private func tokenize(
    _ text: UnsafeBufferPointer<UInt8>, _ matcher: WordPiece.Matcher, _ encoding: inout Encoding, wantsOffsets: Bool,
    ends: inout [Int], scratch: inout BertWords.Scratch
  ) {
    var start = 0
    var scalars = 0
    while let (range, id) = writtenToken(in: text, from: start) {
      let part = UnsafeBufferPointer(rebasing: text[start..<range.lowerBound])
      words(part, matcher, &encoding, wantsOffsets: wantsOffsets, first: scalars, ends: &ends, scratch: &scratch)
      encoding.ids.append(id)
      if wantsOffsets {
        scalars += Self.scalarCount(part)
        let length = Self.scalarCount(.init(rebasing: text[range]))
        encoding.offsets.append(scalars..<scalars + length)
        scalars += length
      }
      start = range.upperBound
    }
    let rest = UnsafeBufferPointer(rebasing: text[start...])
    words(rest, matcher, &encoding, wantsOffsets: wantsOffsets, first: scalars, ends: &ends, scratch: &scratch)
    encoding.typeIDs += [Int32](repeating: 0, count: encoding.ids.count - encoding.typeIDs.count)
  }

  @inline(__always)
  private func words(
    _ text: UnsafeBufferPointer<UInt8>, _ matcher: WordPiece.Matcher, _ encoding: inout Encoding, wantsOffsets: Bool,
    first: Int, ends: inout [Int], scratch: inout BertWords.Scratch
  ) {
    options.words.forEachWord(in: text, origins: wantsOffsets, first: first, scratch: &scratch) { word in
      ends.removeAll(keepingCapacity: true)
      matcher.match(word.bytes, into: &encoding.ids, ends: &ends, wantsEnds: wantsOffsets)
      guard wantsOffsets, let origins = word.origins else { return }
      var begin = 0
      for end in ends {
        encoding.offsets.append(Int(origins[begin])..<max(Int(origins[begin]), Int(origins[end - 1])) + 1)
        begin = end
      }
    }
  }

  /// The next special token that is written out in the text: the leftmost, and there the longest.
  private func writtenToken(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> (Range<Int>, Int32)? {
    for index in start..<text.count {
      let byte = text[index]
      for (bytes, id) in written where bytes[0] == byte {
        if index + bytes.count <= text.count, text[index..<index + bytes.count].elementsEqual(bytes) {
          return (index..<index + bytes.count, id)
        }
      }
    }
    return nil
  }

  private static func scalarCount(_ text: UnsafeBufferPointer<UInt8>) -> Int {
    text.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
  }
}
