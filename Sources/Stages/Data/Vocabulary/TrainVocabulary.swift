import Declaring
import Models
import Training

/// Learns a vocabulary from text: WordPiece as BERT has it, or byte pairs as RoBERTa has them.
public struct TrainVocabulary: Stage {
  public static let id = "data.train-vocabulary"
  public static let version = 1

  var corpora: [Ref<Corpus>]
  var kind: VocabularyKind
  var size: Int
  var minimumFrequency: Int
  var lowercases: Bool
  /// Characters kept; rarer ones are unknown to the vocabulary.
  var alphabet: Int
  /// What the tokenizer's configuration says of the longest input.
  var length: Int

  /// - Parameters:
  ///   - corpora: their texts count alike.
  ///   - kind: `lowercases` and `alphabet` are WordPiece's alone.
  ///   - size: tokens wanted, special ones included; there are fewer where the text has no more frequent pairs.
  ///   - minimumFrequency: pairs that occur less often are not joined.
  public init(
    on corpora: Ref<Corpus>..., kind: VocabularyKind = .wordPiece, size: Int = 8_000, minimumFrequency: Int = 2,
    lowercases: Bool = true,
    alphabet: Int = 1_000, length: Int = 512
  ) {
    self.corpora = corpora
    self.kind = kind
    self.size = size
    self.minimumFrequency = minimumFrequency
    self.lowercases = lowercases
    self.alphabet = alphabet
    self.length = length
  }

  public func forecast(_ forecast: inout Forecast) -> Facts {
    forecast.require(!corpora.isEmpty, "corpora", "There is no text to learn from.", remedy: "Give a corpus.")
    forecast.require(
      (10...1_000_000).contains(size), "size", "A vocabulary of \(size) tokens was asked for.",
      remedy: "Ask for 10 … 1,000,000; BERT has about 30,000.")
    forecast.require(
      kind != .bytePairs || size >= BytePairTrainer.robertaTokens.count + 256, "size",
      "A vocabulary of byte pairs has 256 bytes and \(BytePairTrainer.robertaTokens.count) special tokens already.",
      remedy: "Ask for more than \(BytePairTrainer.robertaTokens.count + 256).")
    forecast.require(
      kind == .wordPiece || kind == .bytePairs, "kind", "There is no kind “\(kind.rawValue)”.",
      remedy: "Learn .wordPiece or .bytePairs.")
    forecast.require(
      minimumFrequency >= 1, "minimumFrequency", "It is \(minimumFrequency), not at least 1.", remedy: "Give 1 or more."
    )
    forecast.require(
      (1...1 << 20).contains(alphabet), "alphabet", "\(alphabet) characters were asked for.",
      remedy: "Keep at least one character.")
    forecast.require(
      length >= 3, "length", "Inputs of \(length) tokens have no room beside the special ones.",
      remedy: "Allow at least 3.")
    return .unknown
  }

  public func run(_ context: StageContext) async throws -> Vocabulary {
    let tokenizer = try kind == .bytePairs ? bytePairs(context) : wordPiece(context)
    let folder = try context.folder()
    try tokenizer.write(to: folder)
    context.record("tokens", Double(tokenizer.vocabularySize))
    var facts = Facts()
    facts.vocabulary = tokenizer.vocabularySize
    facts.tokenizer = tokenizer.digest.hex
    return Vocabulary(folder: folder, facts: facts)
  }

  private func wordPiece(_ context: StageContext) throws -> any Tokenizer {
    var options = BertTokenizerOptions()
    options.words.lowercases = lowercases
    options.modelLength = length
    var counts = WordCounts(words: options.words)
    for corpus in corpora {
      try context.load(corpus).forEachPassage { counts.add($0) }
      try context.checkCancellation()
    }
    let trainer = WordPieceTrainer(
      vocabularySize: size, minimumFrequency: minimumFrequency, alphabetLimit: alphabet,
      specialTokens: options.specialTokens)
    return try BertTokenizer(table: trainer.train(on: counts), options: options)
  }

  private func bytePairs(_ context: StageContext) throws -> any Tokenizer {
    var counts = ByteWordCounts()
    for corpus in corpora {
      for passage in try context.load(corpus).passages() { counts.add(passage) }
      try context.checkCancellation()
    }
    let trainer = BytePairTrainer(vocabularySize: size, minimumFrequency: minimumFrequency)
    return try trainer.tokenizer(on: counts, longest: length)
  }
}

/// What a vocabulary's tokens are.
public struct VocabularyKind: RawRepresentable, Sendable, Hashable, Codable {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }

  /// Pieces of words, as BERT has them.
  public static let wordPiece = VocabularyKind(rawValue: "wordPiece")
  /// Pairs of bytes, as RoBERTa has them.
  public static let bytePairs = VocabularyKind(rawValue: "bytePairs")
}
