import Declaring
import Training

/// A file of the user's that says which part of speech words are.
public enum PartsOfSpeech: Sendable, Hashable, Codable {
  /// A treebank in the format CoNLL-U: each word has its most frequent tag.
  case conllu(SourceFile, tags: ConlluTokens.Tags)
  /// A word, a tab and its tag a line.
  case table(SourceFile)

  /// A treebank with the universal tags of its words.
  public static func conllu(_ file: SourceFile) -> PartsOfSpeech { .conllu(file, tags: .universal) }

  /// Reads the file.
  ///
  /// - Throws: What `PartOfSpeechLexicon` throws, naming the user's file.
  func lexicon(_ context: StageContext) throws -> PartOfSpeechLexicon {
    switch self {
    case .conllu(let file, let tags): try PartOfSpeechLexicon(conllu: Self.text(file, context), tags: tags)
    case .table(let file): try PartOfSpeechLexicon(table: Self.text(file, context))
    }
  }

  private static func text(_ file: SourceFile, _ context: StageContext) throws -> TextFile {
    try TextFile(reading: context.load(file), named: file.path.string)
  }
}
