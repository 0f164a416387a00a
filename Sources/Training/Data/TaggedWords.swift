import Artifacts
import Models

/// Sentences of words as token numbers, with the token that answers for each word: its first piece.
public struct TaggedWords: Sendable {
  public private(set) var texts = EncodedTexts(ids: [])
  /// For each sentence and word the place of its first piece among the sentence's tokens; nil for words that were cut off
  /// or have no pieces.
  public private(set) var places: [[Int?]] = []

  /// Cuts each word into pieces by itself, as tokenizers do with text that is split already; sentences longer than
  /// `longest` tokens are cut at their end.
  ///
  /// Each word follows a space, the first one too, so that byte-level pieces are those of words within a text (Hugging Face's
  /// `add_prefix_space`).
  ///
  /// - Throws: `data.length` for a `longest` without room for a token, `data.words` for an example without words.
  public init(_ examples: [LabelledExample], by tokenizer: some Tokenizer, longest: Int) throws {
    let room = longest - tokenizer.framingCount
    guard room > 0 else {
      throw RetortError(
        "data.length", "A length of \(longest) tokens leaves no room beside the special ones.",
        remedy: "Allow at least \(tokenizer.framingCount + 1).", at: Place(field: "length"))
    }
    let before = Self.framingBefore(tokenizer)
    var ids: [[Int32]] = []
    var types: [[Int32]] = []
    var truncated = 0
    for (index, example) in examples.enumerated() {
      guard !example.words.isEmpty else {
        throw RetortError(
          "data.words", "Example \(index + 1) has no words to tag.", remedy: "Give tagged words, as CoNLL files do.")
      }
      var whole = Encoding()
      var places: [Int?] = []
      for word in example.words {
        let start = whole.ids.count
        tokenizer.tokenize(" \(word)", into: &whole, wantsOffsets: false)
        places.append(start < whole.ids.count && start < room ? start + before : nil)
      }
      if whole.ids.count > room { truncated += 1 }
      var part = Encoding()
      part.ids = Array(whole.ids.prefix(room))
      part.typeIDs = [Int32](repeating: 0, count: part.ids.count)
      let framed = tokenizer.frame(part, nil)
      ids.append(framed.ids)
      types.append(framed.typeIDs)
      self.places.append(places)
    }
    let isPlain = types.allSatisfy { $0.allSatisfy { $0 == 0 } }
    texts = EncodedTexts(ids: ids, types: isPlain ? nil : types, truncated: truncated)
  }

  /// Special tokens in front of a text.
  private static func framingBefore(_ tokenizer: some Tokenizer) -> Int {
    guard let plain = (0..<Int32(tokenizer.vocabularySize)).first(where: { !tokenizer.specialIDs.contains($0) }) else {
      return tokenizer.framingCount > 0 ? 1 : 0
    }
    var probe = Encoding()
    (probe.ids, probe.typeIDs) = ([plain], [0])
    return tokenizer.frame(probe, nil).ids.firstIndex(of: plain) ?? 0
  }
}
