/// A step that splits text into the pieces that a model sees: the pre-tokenisers of Hugging Face tokenizers that encoders
/// use.
enum PreTokenizer: Sendable, Equatable {
  /// BERT's: white space goes, punctuation stands alone.
  case bert
  case whitespaceSplit
  /// sentencepiece's: spaces become a visible sign, which starts each word.
  case metaspace(replacement: UInt32, PrependScheme, splits: Bool)
  /// GPT-2's: words with the space before them; the model gets their UTF-8.
  case byteLevel(addsPrefixSpace: Bool, usesPattern: Bool)

  /// Where a metaspace is put before a piece that has none.
  enum PrependScheme: String, Sendable {
    case always
    case first
    case never
  }

  /// Whether the pieces' sources decide about anything.
  var readsSpans: Bool {
    if case .metaspace(_, .first, _) = self { return true }
    return false
  }

  func apply(_ source: PieceBuffer, into result: inout PieceBuffer) {
    result.removeAll()
    for index in 0..<source.count {
      let range = source[index]
      switch self {
      case .bert: Self.splitBert(source.text, range, into: &result)
      case .whitespaceSplit: Self.splitSpaces(source.text, range, into: &result)
      case .metaspace(let replacement, let scheme, let splits):
        let prepends = scheme == .always || scheme == .first && source.origins[index] == 0
        Self.splitMetaspace(
          source.text, range, origin: source.origins[index], replacement, prepends: prepends, splits: splits,
          into: &result)
      case .byteLevel(let addsPrefixSpace, let usesPattern):
        Self.splitBytes(
          source.text, range, origin: source.origins[index], addsPrefixSpace: addsPrefixSpace, usesPattern: usesPattern,
          into: &result)
      }
    }
  }

  private static func splitBert(_ text: NormalizedText, _ range: Range<Int>, into result: inout PieceBuffer) {
    let (bert, points) = (CodePoints.shared, TextPoints.shared)
    for index in range {
      let code = text.codes[index]
      if points.isSpace(code) {
        result.endPiece()
      } else if bert.flags(code) & CodePoints.punctuation != 0 {
        result.endPiece()
        result.text.append(code, like: text, at: index)
        result.endPiece()
      } else {
        result.text.append(code, like: text, at: index)
      }
    }
    result.endPiece()
  }

  private static func splitSpaces(_ text: NormalizedText, _ range: Range<Int>, into result: inout PieceBuffer) {
    let points = TextPoints.shared
    for index in range {
      if points.isSpace(text.codes[index]) {
        result.endPiece()
      } else {
        result.text.append(text.codes[index], like: text, at: index)
      }
    }
    result.endPiece()
  }

  private static func splitMetaspace(
    _ text: NormalizedText, _ range: Range<Int>, origin: UInt32, _ replacement: UInt32, prepends: Bool, splits: Bool,
    into result: inout PieceBuffer
  ) {
    let first = text.codes[range.lowerBound]
    if prepends, first != replacement, first != 0x20 {
      result.text.append(replacement, like: text, at: range.lowerBound)
    }
    for index in range {
      let code = text.codes[index] == 0x20 ? replacement : text.codes[index]
      if splits, code == replacement { result.endPiece() }
      result.text.append(code, like: text, at: index)
    }
    if splits { result.endPiece() } else { result.endPiece(origin: origin) }
  }

  private static func splitBytes(
    _ text: NormalizedText, _ range: Range<Int>, origin: UInt32, addsPrefixSpace: Bool, usesPattern: Bool,
    into result: inout PieceBuffer
  ) {
    let start = result.text.codes.count
    if addsPrefixSpace, text.codes[range.lowerBound] != 0x20 {
      result.text.append(0x20, like: text, at: range.lowerBound)
    }
    result.text.codes += text.codes[range]
    if text.tracksSpans { result.text.spans += text.spans[range] }
    guard usesPattern else {
      result.endPiece(origin: origin)
      return
    }
    let ends = result.text.codes.withUnsafeBufferPointer { codes in
      BytePattern.ends(in: .init(rebasing: codes[start...]))
    }
    result.endPieces(at: ends.map { start + $0 })
  }
}
