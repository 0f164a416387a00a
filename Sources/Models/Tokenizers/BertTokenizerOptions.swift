import Artifacts

/// What `tokenizer_config.json` says of a BERT tokenizer.
public struct BertTokenizerOptions: Sendable, Equatable {
  public var words = BertWords()
  public var unknownToken = "[UNK]"
  public var classifierToken = "[CLS]"
  public var separatorToken = "[SEP]"
  public var paddingToken = "[PAD]"
  public var maskToken = "[MASK]"
  /// Words of more Unicode scalars are unknown.
  public var longestWord = 100
  /// The largest number of tokens that the model takes.
  public var modelLength = 512

  public init() {}

  /// The special tokens in the order in which a new vocabulary numbers them.
  public var specialTokens: [String] { [paddingToken, unknownToken, classifierToken, separatorToken, maskToken] }

  /// Reads `tokenizer_config.json`; what is absent has BERT's default.
  ///
  /// - Throws: `file.missing`, `file.unreadable`, `tokenizer.badConfiguration`.
  public init(readingConfigurationAt path: FilePath) throws {
    let document = try readJSON(path, code: "tokenizer.badConfiguration")
    func wrong(_ field: String, _ wanted: String) -> RetortError {
      refusal("tokenizer.badConfiguration", "`\(field)` should be \(wanted).", at: path.string, field: field)
    }
    func flag(_ field: String) throws -> Bool? {
      switch document[field] {
      case nil, .null: return nil
      case .bool(let flag): return flag
      default: throw wrong(field, "true or false")
      }
    }
    func token(_ field: String, _ target: inout String) throws {
      switch document[field] {
      case nil, .null: return
      case .string(let text) where !text.isEmpty: target = text
      case .object? where document[field]?["content"]?.text?.isEmpty == false:
        target = document[field]?["content"]?.text ?? target
      default: throw wrong(field, "a token")
      }
    }
    words.lowercases = try flag("do_lower_case") ?? true
    words.stripsAccents = try flag("strip_accents")
    words.splitsIdeographs = try flag("tokenize_chinese_chars") ?? true
    try token("unk_token", &unknownToken)
    try token("cls_token", &classifierToken)
    try token("sep_token", &separatorToken)
    try token("pad_token", &paddingToken)
    try token("mask_token", &maskToken)
    // Hugging Face writes 10³⁰ for "no limit".
    if let length = document["model_max_length"]?.double, length >= 1 { modelLength = Int(min(length, 1e6)) }
  }

  /// The text of `tokenizer_config.json`.
  public var configurationText: String {
    JSONValue.object([
      .init("cls_token", .string(classifierToken)),
      .init("do_lower_case", .bool(words.lowercases)),
      .init("mask_token", .string(maskToken)),
      .init("model_max_length", .number(modelLength)),
      .init("pad_token", .string(paddingToken)),
      .init("sep_token", .string(separatorToken)),
      .init("strip_accents", words.stripsAccents.map { .bool($0) } ?? .null),
      .init("tokenize_chinese_chars", .bool(words.splitsIdeographs)),
      .init("tokenizer_class", .string("BertTokenizer")),
      .init("unk_token", .string(unknownToken)),
    ]).prettyText
  }
}

extension BertTokenizer {
  /// Reads `vocab.txt` and, where it is there, `tokenizer_config.json` of a model's folder.
  ///
  /// - Throws: What reading either file and `init(table:options:file:)` throw.
  public init(folder: FilePath) throws {
    let configuration = folder.appending("tokenizer_config.json")
    let options =
      try fileExists(configuration) ? BertTokenizerOptions(readingConfigurationAt: configuration) : .init()
    let vocabulary = folder.appending("vocab.txt")
    try self.init(table: TokenTable(readingVocabularyAt: vocabulary), options: options, file: vocabulary.string)
  }

  /// Writes `vocab.txt` and `tokenizer_config.json` into a folder that exists.
  ///
  /// - Throws: `file.unwritable`.
  public func write(to folder: FilePath) throws {
    try table.writeVocabulary(to: folder.appending("vocab.txt"))
    try Models.write(options.configurationText.utf8, to: folder.appending("tokenizer_config.json"))
  }

  /// Identifies what the tokenizer does: its tokens in order, and its options.
  public var digest: Digest {
    var hasher = ContentHasher()
    for token in table.tokens {
      hasher.update(Array(token.utf8))
      hasher.update([10])
    }
    hasher.update([0])
    hasher.update(Array(options.configurationText.utf8))
    return hasher.finish()
  }
}
