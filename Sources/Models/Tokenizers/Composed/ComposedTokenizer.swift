import Artifacts

/// A tokenizer put together from the parts that `tokenizer.json` names: added tokens, normaliser, pre-tokenisers, model,
/// framing. Ids, offsets and token texts equal those of Hugging Face tokenizers.
public struct ComposedTokenizer: Tokenizer {
  let normalizer: Normalizer?
  let preTokenizers: [PreTokenizer]
  let model: PieceModel
  let framing: Framing
  /// Offsets leave out the spaces of byte-level words; whether the first one's was put there.
  let trimming: OffsetTrimming?
  let tokens: [String?]
  let table: ByteTrie
  private let added: AddedTokenFinder
  private let addedNormalized: AddedTokenFinder
  let roles: TokenizerRoles
  public let padding: Int32
  public let mask: Int32?
  public let specialIDs: Set<Int32>
  /// `tokenizer.json`, as it was read or made.
  let document: [UInt8]

  /// Whether offsets leave out the spaces of byte-level tokens.
  struct OffsetTrimming: Sendable, Equatable {
    /// Whether the space before the first word is not the text's.
    var addsPrefixSpace: Bool
  }

  init(_ parts: TokenizerParts, roles: TokenizerRoles, document: [UInt8]) {
    normalizer = parts.normalizer
    preTokenizers = parts.preTokenizers
    model = parts.model
    framing = parts.framing
    trimming = parts.trimming
    tokens = parts.tokens
    table = parts.table
    func codes(_ token: AddedToken) -> [UInt32] {
      let codes = token.content.unicodeScalars.map(\.value)
      guard token.isNormalized, let normalizer = parts.normalizer else { return codes }
      var text = NormalizedText(codes: codes)
      normalizer.apply(to: &text)
      return text.codes
    }
    added = AddedTokenFinder(parts.added.filter { !$0.isNormalized }.map { (codes($0), $0) })
    addedNormalized = AddedTokenFinder(parts.added.filter(\.isNormalized).map { (codes($0), $0) })
    self.roles = roles
    self.document = document
    func role(_ name: String?, _ usual: [String]) -> Int32? {
      for name in name.map({ [$0] }) ?? usual {
        if let id = parts.table.value(of: name.utf8) { return id }
      }
      return nil
    }
    let padding = role(roles.padding, ["[PAD]", "<pad>"]) ?? parts.paddingID
    mask = role(roles.mask, ["[MASK]", "<mask>"])
    self.padding = padding ?? 0
    let framing = Framing.specialIDs(parts.framing.single) + Framing.specialIDs(parts.framing.pair)
    specialIDs = Set(parts.added.filter(\.isSpecial).map(\.id) + framing + [padding, mask].compactMap { $0 })
  }

  public var vocabularySize: Int { tokens.count }
  public var framingCount: Int { Framing.specialIDs(framing.single).count }
  public var pairFramingCount: Int { Framing.specialIDs(framing.pair).count }
  public func id(of token: String) -> Int32? { table.value(of: token.utf8) }
  public func token(_ id: Int32) -> String? { tokens.indices.contains(Int(id)) ? tokens[Int(id)] : nil }
  public func frame(_ first: Encoding, _ second: Encoding?) -> Encoding { framing.frame(first, second) }

  public func tokenize(_ text: String, into encoding: inout Encoding, wantsOffsets: Bool) {
    var run = Run(tokenizer: self, wantsOffsets: wantsOffsets)
    var text = text
    text.withUTF8 { bytes in
      var index = 0
      run.source.reserveCapacity(bytes.count)
      while index < bytes.count { run.source.append(UTF8Coding.next(bytes, &index)) }
    }
    let first = encoding.count
    for match in added.matches(in: run.source) {
      if let id = match.id {
        run.append(id, text: run.source[match.range], source: match.range, to: &encoding)
      } else {
        run.tokenize(match.range, into: &encoding)
      }
    }
    if wantsOffsets, let trimming { trim(&encoding, from: first, trimming) }
    encoding.typeIDs += [Int32](repeating: 0, count: encoding.count - encoding.typeIDs.count)
  }

  /// The work on one text.
  private struct Run {
    let tokenizer: ComposedTokenizer
    let wantsOffsets: Bool
    var source: [UInt32] = []
    private var text = NormalizedText()
    private var pieces = PieceBuffer()
    private var other = PieceBuffer()
    private var scratch = PieceModel.Scratch()

    init(tokenizer: ComposedTokenizer, wantsOffsets: Bool) {
      (self.tokenizer, self.wantsOffsets) = (tokenizer, wantsOffsets)
      let tracks = wantsOffsets || tokenizer.preTokenizers.contains(where: \.readsSpans)
      text.tracksSpans = tracks
      pieces.text.tracksSpans = tracks
      other.text.tracksSpans = tracks
    }

    /// Appends a token that was found in text.
    func append(_ id: Int32, text: ArraySlice<UInt32>, source: Range<Int>, to encoding: inout Encoding) {
      if wantsOffsets {
        encoding.offsets.append(source)
        let written = Self.string(text)
        if tokenizer.token(id).map({ $0.utf8.elementsEqual(written.utf8) }) != true {
          encoding.spellings[encoding.count] = written
        }
      }
      encoding.ids.append(id)
    }

    static func string(_ codes: ArraySlice<UInt32>) -> String {
      var text = String.UnicodeScalarView()
      for code in codes { if let scalar = Unicode.Scalar(code) { text.append(scalar) } }
      return String(text)
    }

    /// Appends the tokens of a stretch of the source that holds no added token.
    mutating func tokenize(_ range: Range<Int>, into encoding: inout Encoding) {
      text.removeAll()
      text.codes += source[range]
      if text.tracksSpans {
        for place in range {
          let start = UInt32(truncatingIfNeeded: place)
          text.spans.append(SourceSpan(start: start, end: start &+ 1))
        }
      }
      tokenizer.normalizer?.apply(to: &text)
      for match in tokenizer.addedNormalized.matches(in: text.codes) {
        if let id = match.id {
          let codes = text.codes[match.range]
          append(id, text: codes, source: wantsOffsets ? span(of: match.range) : 0..<0, to: &encoding)
          continue
        }
        pieces.removeAll()
        pieces.text.codes += text.codes[match.range]
        if text.tracksSpans { pieces.text.spans += text.spans[match.range] }
        pieces.endPiece()
        for step in tokenizer.preTokenizers {
          step.apply(pieces, into: &other)
          swap(&pieces, &other)
        }
        appendPieces(to: &encoding)
      }
    }

    private func span(of range: Range<Int>) -> Range<Int> {
      guard let first = range.first, let last = range.last else { return 0..<0 }
      let start = Int(text.spans[first].start)
      return start..<max(start, Int(text.spans[last].end))
    }

    private mutating func appendPieces(to encoding: inout Encoding) {
      var index = 0
      let (pieces, wantsOffsets) = (pieces, wantsOffsets)
      pieces.text.codes.withUnsafeBufferPointer { codes in
        tokenizer.model.tokenizeEach(&scratch) { scratch in
          guard index < pieces.count else { return false }
          scratch.take(codes[pieces[index]], wantsLetters: wantsOffsets)
          return true
        } done: { scratch in
          if wantsOffsets { Self.appendOffsets(pieces, pieces[index].lowerBound, scratch, to: &encoding) }
          encoding.ids += scratch.ids
          index += 1
        }
      }
    }

    private static func appendOffsets(
      _ pieces: PieceBuffer, _ start: Int, _ scratch: PieceModel.Scratch, to encoding: inout Encoding
    ) {
      for place in scratch.asWritten {
        let start = place == 0 ? 0 : scratch.ends[place - 1]
        let bytes = scratch.bytes[start..<scratch.ends[place]]
        encoding.spellings[encoding.count + place] = String(decoding: bytes, as: UTF8.self)
      }
      var (begin, previous) = (0, 0)
      for end in scratch.ends {
        // A token that ends where the one before does covers the same text.
        if end != previous { begin = previous }
        let first = pieces.text.spans[start + Int(scratch.letters[begin])]
        let last = pieces.text.spans[start + Int(scratch.letters[end - 1])]
        encoding.offsets.append(Int(first.start)..<max(Int(first.start), Int(last.end)))
        previous = end
      }
    }
  }

  /// Takes the spaces of byte-level tokens out of their offsets (Hugging Face tokenizers, `process_offsets`).
  private func trim(_ encoding: inout Encoding, from first: Int, _ trimming: OffsetTrimming) {
    for place in first..<encoding.count {
      let trailing: Int
      var leading: Int
      (leading, trailing) = spaces(of: encoding.ids[place], spelling: encoding.spellings[place])
      if leading == 0, trailing == 0 { continue }
      var (start, end) = (encoding.offsets[place].lowerBound, encoding.offsets[place].upperBound)
      // One space at the start was put there; of several, none was.
      if leading == 1, trimming.addsPrefixSpace, place == first || start == 0 { leading = 0 }
      start = min(start + leading, end)
      if end >= trailing { end = max(end - trailing, start) }
      encoding.offsets[place] = start..<end
    }
  }

  private func spaces(of id: Int32, spelling: String?) -> (leading: Int, trailing: Int) {
    if let spelling {
      let points = TextPoints.shared
      let codes = spelling.unicodeScalars.map(\.value)
      func isSpace(_ code: UInt32) -> Bool { code == 0x120 || points.isSpace(code) }
      return (codes.prefix(while: isSpace).count, codes.reversed().prefix(while: isSpace).count)
    }
    guard case .bytePairs(let pairs) = model, pairs.spaces.indices.contains(Int(id)) else { return (0, 0) }
    return (pairs.spaces[Int(id)].leading, pairs.spaces[Int(id)].trailing)
  }
}
