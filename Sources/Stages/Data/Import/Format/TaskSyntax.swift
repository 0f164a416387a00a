/// What makes rows and columns of a file's text.
public enum TaskSyntax: Sendable, Hashable, Codable {
  /// A row a line (or a quoted record), its values between delimiters.
  case table(TableSyntax)
  /// One JSON object a line.
  case jsonLines
  /// A label, a space, and a text that goes on to the line's end. The label ends earlier where `upTo` occurs in it: with
  /// `:` the label of `DESC:manner How …` is `DESC`.
  case labelledLines(upTo: String?)
  /// A word with its columns a line, and a blank line between sentences.
  case words(WordSyntax)
}

/// A table's syntax.
public struct TableSyntax: Sendable, Hashable, Codable {
  /// One ASCII character.
  public var delimiter: String
  /// Whether values may stand in quotation marks as RFC 4180 has it: such a value may hold delimiters and line ends, and
  /// `""` in it is one mark. False takes a mark as a character like any other.
  public var isQuoted: Bool
  /// Whether the first row names the columns; nil where a column is asked for by name.
  public var header: Bool?
  public var ragged: RaggedRows

  public init(
    delimiter: String = "\t", isQuoted: Bool = false, header: Bool? = nil, ragged: RaggedRows = .refused
  ) {
    self.delimiter = delimiter
    self.isQuoted = isQuoted
    self.header = header
    self.ragged = ragged
  }
}

/// What becomes of a row that has not as many fields as the header, or as the first row where there is none.
public enum RaggedRows: String, Sendable, Codable {
  /// It is an error.
  case refused
  /// It is read where it has the columns that are asked for.
  case read
  /// It is left out, and the log says how many were.
  case skipped
}

/// The syntax of files with a word a line.
public struct WordSyntax: Sendable, Hashable, Codable {
  /// A line that begins so is no word, such as `#` in CoNLL-U; nil where there are no comments.
  public var comment: String?
  /// Whether lines whose first column is a range (`3-4`) or a decimal (`3.1`) are left out, as CoNLL-U has them beside the
  /// words.
  public var skipsRanges: Bool
  /// Whether a split keeps the sentences between `-DOCSTART-` lines together.
  public var keepsDocuments: Bool

  public init(comment: String? = nil, skipsRanges: Bool = false, keepsDocuments: Bool = false) {
    self.comment = comment
    self.skipsRanges = skipsRanges
    self.keepsDocuments = keepsDocuments
  }
}
