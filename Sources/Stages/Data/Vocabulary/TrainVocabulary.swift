import Declaring
import Models
import Training

/// Learns a WordPiece vocabulary from text.
public struct TrainVocabulary: Stage {
  public static let id = "data.train-vocabulary"
  public static let version = 1

  var corpora: [Ref<Corpus>]
  var size: Int
  var minimumFrequency: Int
  var lowercases: Bool
  /// Characters kept; rarer ones are unknown to the vocabulary.
  var alphabet: Int
  /// What the tokenizer's configuration says of the longest input.
  var length: Int

  /// - Parameters:
  ///   - corpora: their texts count alike.
  ///   - size: tokens wanted, special ones included; there are fewer where the text has no more frequent pairs.
  ///   - minimumFrequency: pairs that occur less often are not joined.
  public init(
    on corpora: Ref<Corpus>..., size: Int = 8_000, minimumFrequency: Int = 2, lowercases: Bool = true,
    alphabet: Int = 1_000, length: Int = 512
  ) {
    self.corpora = corpora
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
    let tokenizer = try BertTokenizer(table: trainer.train(on: counts), options: options)
    let folder = try context.folder()
    try tokenizer.write(to: folder)
    context.record("tokens", Double(tokenizer.vocabularySize))
    var facts = Facts()
    facts.vocabulary = tokenizer.vocabularySize
    facts.tokenizer = tokenizer.digest.hex
    return Vocabulary(folder: folder, facts: facts)
  }
}
