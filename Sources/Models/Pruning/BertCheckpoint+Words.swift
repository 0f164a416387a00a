import Artifacts
import Tensors

extension BertCheckpoint {
  /// The model with some words alone: their embeddings and, under a masked-LM head, their biases in the new order.
  ///
  /// Nothing else changes, so hidden states and the kept words' logits have the same bits (the decoder is tied). A padding
  /// word that is not kept is number 0 from then on.
  ///
  /// - Parameter ids: the old number of each new word, each once.
  /// - Throws: `prune.words` for a number that the model does not have or that stands twice, or where none is kept.
  public func keeping(words ids: [Int32]) throws -> BertCheckpoint {
    let count = bert.configuration.vocabularySize
    if let wrong = ids.first(where: { $0 < 0 || Int($0) >= count }) {
      throw refusal("prune.words", "There is no word \(wrong); the model has \(count).")
    }
    guard !ids.isEmpty, Set(ids).count == ids.count else {
      throw refusal(
        "prune.words", ids.isEmpty ? "No word is kept." : "A word is kept twice.", remedy: "Keep each word once.")
    }
    var configuration = bert.configuration
    configuration.vocabularySize = ids.count
    configuration.paddingToken = ids.firstIndex { Int($0) == bert.configuration.paddingToken } ?? 0
    let small = try Bert(configuration, head: bert.head)
    let result = FlatBuffer<Float>(count: small.layout.count)
    for entry in small.layout.entries {
      let source = try bert.layout.entry(entry.name)
      guard [BertNames.words, BertNames.decoderBias, BertNames.decoderRest].contains(entry.name) else {
        result.write(values[source.range], at: entry.offset)
        continue
      }
      let width = source.extent.columns
      for (row, id) in ids.enumerated() {
        (result.pointer + entry.offset + row * width).update(
          from: values.pointer + source.offset + Int(id) * width, count: width)
      }
    }
    return BertCheckpoint(small, values: result, otherSettings: otherSettings)
  }
}

extension BertTokenizer {
  /// A tokenizer of some tokens alone, numbered by their places in the list, with the same options.
  ///
  /// A text without unknown words, all of whose tokens are kept, is cut into the same tokens: at each place the longest
  /// match is still there, and no longer one came to it. A word that was unknown may be found in pieces where the token
  /// that led into the dead end is gone.
  ///
  /// - Throws: `prune.words` for a number that is no token, `tokenizer.specialToken` where a special one is left out.
  public func keeping(_ ids: [Int32]) throws -> BertTokenizer {
    let tokens = try ids.map { id in
      guard let token = token(id) else {
        throw refusal("prune.words", "There is no token \(id); the vocabulary has \(vocabularySize).")
      }
      return token
    }
    return try BertTokenizer(table: TokenTable(tokens), options: options)
  }
}

extension Tokenizer {
  /// This tokenizer as the one of words and pieces that some techniques need.
  ///
  /// - Parameter technique: what needs it, as the beginning of a sentence.
  /// - Throws: `tokenizer.notWordPiece` for one of another kind.
  public func wordPiece(_ technique: String) throws -> BertTokenizer {
    guard let tokenizer = self as? BertTokenizer else {
      throw refusal(
        "tokenizer.notWordPiece", "\(technique) needs a WordPiece tokenizer like BERT's; this model has another.",
        remedy: "Leave the stage out, or take a model with BERT's vocabulary.")
    }
    return tokenizer
  }
}
