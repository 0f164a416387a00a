/// Cuts text into the words that WordPiece sees: BERT's cleaning, lower-casing and splitting.
///
/// Order of steps as in the reference (google-research/bert, `tokenization.py`, `BasicTokenizer`; Hugging Face
/// tokenizers, `BertNormalizer` and `BertPreTokenizer`): control characters go, white space becomes a space, ideographs
/// get spaces around them, accents are stripped by canonical decomposition, letters lowered; then words end at white
/// space, and punctuation stands alone.
public struct BertWords: Sendable, Equatable {
  public var cleansText = true
  public var splitsIdeographs = true
  /// Nil: as `lowercases` says.
  public var stripsAccents: Bool?
  public var lowercases = true

  public init(lowercases: Bool = true, stripsAccents: Bool? = nil, splitsIdeographs: Bool = true) {
    (self.lowercases, self.stripsAccents, self.splitsIdeographs) = (lowercases, stripsAccents, splitsIdeographs)
  }

  /// One word: its UTF-8 bytes, and where each came from.
  struct Word {
    let bytes: UnsafeBufferPointer<UInt8>
    /// The number of the source's Unicode scalar behind each byte, if asked for.
    let origins: UnsafeBufferPointer<UInt32>?
  }

  /// Memory used again from text to text.
  struct Scratch {
    var word: [UInt8] = []
    var origins: [UInt32] = []
    fileprivate var text: [Letter] = []
    fileprivate var hasLooseMarks = false
  }

  fileprivate struct Letter {
    var code: UInt32
    var origin: UInt32
  }

  /// Cleans, strips and lowers text without splitting it.
  func apply(to text: inout NormalizedText) {
    var scratch = Scratch()
    var bytes: [UInt8] = []
    for code in text.codes { UTF8Coding.append(code, to: &bytes) }
    bytes.withUnsafeBufferPointer { normalize($0, first: 0, scratch: &scratch) }
    let source = text
    text.removeAll()
    for letter in scratch.text { text.append(letter.code, like: source, at: Int(letter.origin)) }
  }

  /// Calls `body` for every word in order; words stay valid during the call only.
  ///
  /// - Parameters:
  ///   - text: Valid UTF-8.
  ///   - origins: Whether words say where their bytes came from.
  ///   - first: The number of the first scalar.
  @inline(__always)
  func forEachWord(
    in text: UnsafeBufferPointer<UInt8>, origins: Bool = false, first: Int = 0, scratch: inout Scratch,
    _ body: (Word) -> Void
  ) {
    if !origins, cleansText, Self.isASCII(text) {
      forEachASCIIWord(in: text, scratch: &scratch, body)
    } else {
      normalize(text, first: UInt32(truncatingIfNeeded: first), scratch: &scratch)
      split(scratch: &scratch, origins: origins, body)
    }
  }

  private static func isASCII(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    var all: UInt8 = 0
    for byte in text { all |= byte }
    return all < 0x80
  }

  @inline(__always)
  private func forEachASCIIWord(
    in text: UnsafeBufferPointer<UInt8>, scratch: inout Scratch, _ body: (Word) -> Void
  ) {
    if scratch.word.count < text.count { scratch.word = [UInt8](repeating: 0, count: text.count) }
    let lower: UInt8 = lowercases ? 0x20 : 0
    scratch.word.withUnsafeMutableBufferPointer { word in
      ASCIIKind.table.withUnsafeBufferPointer { kinds in
        var count = 0
        for index in text.indices {
          let byte = text[index]
          let kind = kinds[Int(byte)]
          if kind == ASCIIKind.letter {
            word[count] = byte
            count += 1
          } else if kind == ASCIIKind.capital {
            word[count] = byte | lower
            count += 1
          } else if kind != ASCIIKind.removed {
            if count > 0 { body(Word(bytes: .init(rebasing: word[0..<count]), origins: nil)) }
            count = 0
            if kind == ASCIIKind.punctuation { body(Word(bytes: .init(rebasing: text[index...index]), origins: nil)) }
          }
        }
        if count > 0 { body(Word(bytes: .init(rebasing: word[0..<count]), origins: nil)) }
      }
    }
  }

  /// Fills `scratch.text` with the normalised text.
  private func normalize(_ text: UnsafeBufferPointer<UInt8>, first: UInt32, scratch: inout Scratch) {
    let points = CodePoints.shared
    let strips = stripsAccents ?? lowercases
    scratch.text.removeAll(keepingCapacity: true)
    scratch.hasLooseMarks = false
    var origin = first
    var index = 0
    while index < text.count {
      let code = UTF8Coding.next(text, &index)
      defer { origin &+= 1 }
      let flags = points.flags(code)
      if cleansText {
        if flags & CodePoints.removed != 0 { continue }
        if flags & CodePoints.space != 0 {
          scratch.text.append(Letter(code: 0x20, origin: origin))
          continue
        }
      }
      let alone = splitsIdeographs && flags & CodePoints.ideograph != 0
      if alone { scratch.text.append(Letter(code: 0x20, origin: origin)) }
      if !strips {
        scratch.text.append(Letter(code: code, origin: origin))
      } else if flags & CodePoints.decomposes != 0 {
        points.decompose(code) { Self.append($0, origin, points, &scratch) }
      } else {
        Self.append(code, origin, points, &scratch)
      }
      if alone { scratch.text.append(Letter(code: 0x20, origin: origin)) }
    }
    if scratch.hasLooseMarks { Self.reorder(&scratch.text, points) }
    if strips { scratch.text.removeAll { points.flags($0.code) & CodePoints.mark != 0 } }
    if lowercases { Self.lower(&scratch.text, points) }
  }

  /// Notes marks that stripping keeps, for only their order shows in the end.
  private static func append(_ code: UInt32, _ origin: UInt32, _ points: CodePoints, _ scratch: inout Scratch) {
    let flags = points.flags(code)
    if flags & CodePoints.nonstarter != 0, flags & CodePoints.mark == 0 { scratch.hasLooseMarks = true }
    scratch.text.append(Letter(code: code, origin: origin))
  }

  /// Canonical ordering (Unicode, 3.11), with origins as the reference counts them.
  private static func reorder(_ text: inout [Letter], _ points: CodePoints) {
    var start = 0
    while start < text.count {
      guard points.flags(text[start].code) & CodePoints.nonstarter != 0 else {
        start += 1
        continue
      }
      var end = start
      while end < text.count, points.flags(text[end].code) & CodePoints.nonstarter != 0 { end += 1 }
      let run = Array(text[start..<end])
      // A letter that is not the first of its origin was added: it belongs to the letter before it, wherever it goes.
      let isFirst = (start..<end).map { $0 == 0 || text[$0].origin != text[$0 - 1].origin }
      var origins = zip(run, isFirst).lazy.filter(\.1).map(\.0.origin).makeIterator()
      var origin = start > 0 ? text[start - 1].origin : run[0].origin
      let order = run.indices.sorted {
        (points.combiningClass(run[$0].code), $0) < (points.combiningClass(run[$1].code), $1)
      }
      for (offset, index) in order.enumerated() {
        if isFirst[index] { origin = origins.next() ?? origin }
        text[start + offset] = Letter(code: run[index].code, origin: origin)
      }
      start = end
    }
  }

  private static func lower(_ text: inout [Letter], _ points: CodePoints) {
    var longer: [(place: Int, letters: [Letter])] = []
    for index in text.indices {
      let letter = text[index]
      if letter.code < 0x80 {
        if letter.code >= 0x41, letter.code <= 0x5A { text[index].code |= 0x20 }
      } else if points.flags(letter.code) & CodePoints.lowers != 0 {
        let parts = points.lower(letter.code)
        text[index].code = parts[0]
        if parts.count > 1 {
          longer.append((index, parts.map { Letter(code: $0, origin: letter.origin) }))
        }
      }
    }
    if longer.isEmpty { return }
    // One pass for all, for inserting each on its own would take time with the square of the text.
    var result: [Letter] = []
    result.reserveCapacity(text.count + longer.count)
    var start = 0
    for (place, letters) in longer {
      result += text[start..<place]
      result += letters
      start = place + 1
    }
    text = result + text[start...]
  }

  @inline(__always)
  private func split(scratch: inout Scratch, origins: Bool, _ body: (Word) -> Void) {
    let points = CodePoints.shared
    scratch.word.removeAll(keepingCapacity: true)
    scratch.origins.removeAll(keepingCapacity: true)
    for letter in scratch.text {
      let flags = points.flags(letter.code)
      // Vertical tab, form feed and next line are white space that cleaning deletes.
      let isSpace = flags & CodePoints.space != 0 || letter.code == 0x0B || letter.code == 0x0C || letter.code == 0x85
      let isPunctuation = flags & CodePoints.punctuation != 0
      if isSpace || isPunctuation { Self.flush(&scratch, origins: origins, body) }
      if isSpace { continue }
      Self.encode(letter, origins: origins, into: &scratch)
      if isPunctuation { Self.flush(&scratch, origins: origins, body) }
    }
    Self.flush(&scratch, origins: origins, body)
  }

  @inline(__always)
  private static func flush(_ scratch: inout Scratch, origins: Bool, _ body: (Word) -> Void) {
    if scratch.word.isEmpty { return }
    scratch.word.withUnsafeBufferPointer { word in
      scratch.origins.withUnsafeBufferPointer { body(Word(bytes: word, origins: origins ? $0 : nil)) }
    }
    scratch.word.removeAll(keepingCapacity: true)
    scratch.origins.removeAll(keepingCapacity: true)
  }

  private static func encode(_ letter: Letter, origins: Bool, into scratch: inout Scratch) {
    let before = scratch.word.count
    UTF8Coding.append(letter.code, to: &scratch.word)
    if origins { for _ in before..<scratch.word.count { scratch.origins.append(letter.origin) } }
  }
}

/// What BERT's cleaning and splitting do with an ASCII character.
private enum ASCIIKind {
  static let letter: UInt8 = 0
  static let capital: UInt8 = 1
  static let space: UInt8 = 2
  static let punctuation: UInt8 = 3
  static let removed: UInt8 = 4

  static let table: [UInt8] = (0..<256).map { byte in
    switch byte {
    case 0x20, 0x09, 0x0A, 0x0D: space
    case 0..<0x20, 0x7F: removed
    case 0x41...0x5A: capital
    case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: punctuation
    default: letter
    }
  }
}
