import Artifacts

/// What a tokenizer needs of a sentencepiece model: pieces with scores, and the map of its normaliser.
///
/// The file is a protocol buffer (google/sentencepiece, `sentencepiece_model.proto`, `ModelProto`); other fields are
/// skipped.
struct SentencePieceModel: Sendable {
  enum Kind: Int, Sendable {
    case normal = 1
    case unknown = 2
    case control = 3
    case userDefined = 4
    case unused = 5
    case byte = 6
  }

  struct Piece: Sendable {
    var text = ""
    var score: Float = 0
    var kind = Kind.normal
  }

  private(set) var pieces: [Piece] = []
  private(set) var unknown = 0
  private(set) var fallsBackToBytes = false
  private(set) var characterMap: [UInt8] = []

  /// - Throws: `sentencepiece.malformed` with the byte, `sentencepiece.model` for a model other than Unigram.
  init(_ bytes: [UInt8], file: String) throws {
    var reader = WireReader(bytes: bytes[...], file: file)
    var kind = 1
    while let field = try reader.next() {
      switch (field.number, field.value) {
      case (1, .bytes(let content)): pieces.append(try Self.piece(content, file))
      case (2, .bytes(let content)):
        var trainer = WireReader(bytes: content, file: file)
        while let option = try trainer.next() {
          guard case .number(let number) = option.value else { continue }
          switch option.number {
          case 3: kind = Int(truncatingIfNeeded: number)
          case 35: fallsBackToBytes = number != 0
          case 40: unknown = Int(truncatingIfNeeded: number)
          default: break
          }
        }
      case (3, .bytes(let content)):
        var normalizer = WireReader(bytes: content, file: file)
        while let option = try normalizer.next() {
          if case (2, .bytes(let map)) = (option.number, option.value) { characterMap = Array(map) }
        }
      default: break
      }
    }
    guard kind == 1 else {
      throw refusal(
        "sentencepiece.model", "It is a sentencepiece model of type \(kind); only Unigram (1) is read.", at: file,
        remedy: "Save the tokenizer with transformers, and copy its tokenizer.json.")
    }
    guard pieces.indices.contains(unknown) else {
      throw refusal(
        "sentencepiece.malformed", "Its unknown piece has number \(unknown), and there are \(pieces.count).", at: file)
    }
  }

  private static func piece(_ bytes: ArraySlice<UInt8>, _ file: String) throws -> Piece {
    var piece = Piece()
    var reader = WireReader(bytes: bytes, file: file)
    while let field = try reader.next() {
      switch (field.number, field.value) {
      case (1, .bytes(let content)):
        guard let text = String(validating: content, as: UTF8.self) else {
          throw WireReader.malformed("a piece is not UTF-8", at: content.startIndex, file)
        }
        piece.text = text
      case (2, .bits(let bits)):
        piece.score = Float(bitPattern: bits)
        guard piece.score.isFinite else {
          throw WireReader.malformed("a score is not finite", at: bytes.startIndex, file)
        }
      case (3, .number(let number)): piece.kind = Kind(rawValue: Int(truncatingIfNeeded: number)) ?? .normal
      default: break
      }
    }
    return piece
  }
}

/// Fields of a protocol buffer in the order in which they stand.
private struct WireReader {
  enum Value {
    case number(UInt64)
    case bits(UInt32)
    case bytes(ArraySlice<UInt8>)
    case other
  }

  private var bytes: ArraySlice<UInt8>
  private let file: String

  init(bytes: ArraySlice<UInt8>, file: String) { (self.bytes, self.file) = (bytes, file) }

  static func malformed(_ reason: String, at place: Int, _ file: String) -> RetortError {
    refusal("sentencepiece.malformed", "It is no sentencepiece model: \(reason), at byte \(place).", at: file)
  }

  mutating func next() throws -> (number: Int, value: Value)? {
    if bytes.isEmpty { return nil }
    let tag = try number()
    let field = Int(truncatingIfNeeded: tag >> 3)
    switch tag & 7 {
    case 0: return (field, .number(try number()))
    case 1:
      _ = try take(8)
      return (field, .other)
    case 2:
      let count = try number()
      guard count <= UInt64(bytes.count) else {
        throw Self.malformed("a field is longer than the rest", at: bytes.startIndex, file)
      }
      return (field, .bytes(try take(Int(count))))
    case 5:
      let four = try take(4)
      return (field, .bits(four.reversed().reduce(0) { $0 << 8 | UInt32($1) }))
    default: throw Self.malformed("a field has wire type \(tag & 7)", at: bytes.startIndex, file)
    }
  }

  private mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
    guard count <= bytes.count else { throw Self.malformed("a field is cut off", at: bytes.startIndex, file) }
    defer { bytes = bytes.dropFirst(count) }
    return bytes.prefix(count)
  }

  private mutating func number() throws -> UInt64 {
    var result: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = bytes.popFirst() else { throw Self.malformed("a number is cut off", at: bytes.startIndex, file) }
      result |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return result }
    }
    throw Self.malformed("a number has more than ten bytes", at: bytes.startIndex, file)
  }
}
