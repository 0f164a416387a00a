import Artifacts
import Models
import Tensors

/// The words that a masked language model would put into the places of a text (Jiao et al. 2020, algorithm 1).
///
/// Each word is masked by itself; all masked texts of a call make one batch, and logits over the vocabulary are computed
/// at the masks alone.
public struct MaskedCandidates: Sendable {
  /// A text as words and as tokens.
  public struct Text: Sendable {
    public var words: TextWords
    /// Tokens, without special ones around them.
    var ids: [Int32]
    /// Words of one token, with its place: these can be masked.
    var onePiece: [(word: Int, token: Int)]
    /// Words of several tokens.
    public var severalPieces: [Int]
  }

  let model: InferenceModel
  private let tokenizer: BertTokenizer
  private let mask: Int32
  private let count: Int
  private let context: TinyBERTRules.Context

  /// - Parameters:
  ///   - model: a model with a masked-LM head, read from a folder.
  ///   - count: the likeliest tokens asked for (K); pieces (`##…`) and special tokens among them are left out.
  /// - Throws: `augment.mask` for a vocabulary without a mask, `augment.segments` for a model that reads no pairs,
  ///   `augment.positions` for one that is too short for a masked word.
  public init(_ model: InferenceModel, count: Int, context: TinyBERTRules.Context) throws {
    guard let tokenizer = model.tokenizer, let mask = tokenizer.mask else {
      throw RetortError(
        "augment.mask", "The language model's vocabulary has no token that hides others ([MASK]).",
        remedy: "Train a vocabulary with TrainVocabulary, or import a BERT checkpoint.", at: Place(field: "language"))
    }
    guard context == .alone || model.configuration.typeVocabularySize >= 2 else {
      throw RetortError(
        "augment.segments", "The language model reads no pairs: it has one segment.",
        remedy: "Let it see the masked text alone (context: .alone).", at: Place(field: "context"))
    }
    self.tokenizer = try tokenizer.wordPiece("Augmentation with a language model")
    (self.model, self.mask, self.count, self.context) = (model, mask, count, context)
    guard room >= 1 else {
      throw RetortError(
        "augment.positions", "The language model takes \(model.configuration.longestInput) tokens.",
        remedy: "Give a model with at least 5 positions.", at: Place(field: "language"))
    }
  }

  /// Tokens of a text that the model takes at once, beside the special ones, and where wanted the text a second time.
  private var room: Int {
    let positions = model.configuration.longestInput
    return context == .original ? (positions - tokenizer.pairFramingCount) / 2 : positions - tokenizer.framingCount
  }

  /// Finds the tokens of the words to vary.
  public func read(_ text: String, varying isVaried: (String) -> Bool) throws -> Text {
    let words = TextWords(text)
    var encoding = Encoding()
    tokenizer.tokenize(text, into: &encoding, wantsOffsets: true)
    var result = Text(words: words, ids: encoding.ids, onePiece: [], severalPieces: [])
    var token = 0
    for (index, word) in words.words.enumerated() {
      while token < encoding.count, encoding.offsets[token].lowerBound < word.scalars.lowerBound { token += 1 }
      let first = token
      while token < encoding.count, encoding.offsets[token].upperBound <= word.scalars.upperBound { token += 1 }
      guard isVaried(word.text) else { continue }
      switch token - first {
      case 0: break
      case 1: result.onePiece.append((index, first))
      default: result.severalPieces.append(index)
      }
    }
    return result
  }

  /// For each text the candidates of its words of one token, likeliest first, by the word's place; and how many masked
  /// texts were longer than the model, which then saw the part around the mask.
  public func candidates(for texts: [Text]) throws -> (words: [[Int: [String]]], cut: Int) {
    var batch = PackedBatch()
    var masks: [Int32] = []
    var cut = 0
    for text in texts {
      for (_, token) in text.onePiece {
        let window = Self.window(of: text.ids.count, around: token, room: room)
        if window.count < text.ids.count { cut += 1 }
        masks.append(Int32(batch.tokenCount + 1 + token - window.lowerBound))
        let framed = framed(Array(text.ids[window]), masking: token - window.lowerBound)
        try rethrowing { try batch.append(framed.ids, types: framed.typeIDs) }
      }
    }
    var rest = try model.likeliestTokens(batch, at: masks, count: count)[...]
    let words = texts.map { text in
      Dictionary(uniqueKeysWithValues: text.onePiece.map { ($0.word, self.words(rest.popFirst() ?? [])) })
    }
    return (words, cut)
  }

  private func framed(_ ids: [Int32], masking token: Int) -> Encoding {
    var (masked, original) = (Encoding(), Encoding())
    (masked.ids, original.ids) = (ids, ids)
    masked.ids[token] = mask
    return tokenizer.frame(masked, context == .original ? original : nil)
  }

  /// A run of at most `room` of `count` tokens, with the given one as near to its middle as the ends allow.
  static func window(of count: Int, around token: Int, room: Int) -> Range<Int> {
    let start = max(0, min(token - room / 2, count - room))
    return start..<min(count, start + room)
  }

  private func words(_ ids: [Int32]) -> [String] {
    ids.compactMap { id in
      guard !tokenizer.specialIDs.contains(id), let word = tokenizer.token(id) else { return nil }
      return word.hasPrefix(tokenizer.pieces.prefix) ? nil : word
    }
  }
}
