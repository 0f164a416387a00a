import Training

extension TaskFormat where Kind == Classification {
  /// Tab-separated values, without quoting unless `quoted` says so.
  ///
  /// - Parameters:
  ///   - text: a column by its name in the header, or by its number from 1 in a file without one.
  ///   - labels: labels in their order, with names for models and reports; nil takes those of the training part.
  ///   - group: a column whose equal values stay in one part of a split.
  ///   - header: whether there is a header, where the columns do not tell.
  public static func tsv(
    text: TaskColumn = "text", pair: TaskColumn? = nil, label: TaskColumn = "label", labels: [Label]? = nil,
    group: TaskColumn? = nil, quoted: Bool = false, header: Bool? = nil, ragged: RaggedRows = .refused,
    encoding: TextEncoding = .utf8
  ) -> TaskFormat {
    TaskFormat(
      .table(TableSyntax(isQuoted: quoted, header: header, ragged: ragged)), .label, text: text, pair: pair,
      label: label, labels: labels, group: group, encoding: encoding)
  }

  /// Comma-separated values as RFC 4180 has them. Parameters as in `tsv`.
  public static func csv(
    text: TaskColumn = "text", pair: TaskColumn? = nil, label: TaskColumn = "label", labels: [Label]? = nil,
    group: TaskColumn? = nil, delimiter: String = ",", header: Bool? = nil, ragged: RaggedRows = .refused,
    encoding: TextEncoding = .utf8
  ) -> TaskFormat {
    TaskFormat(
      .table(TableSyntax(delimiter: delimiter, isQuoted: true, header: header, ragged: ragged)), .label, text: text,
      pair: pair, label: label, labels: labels, group: group, encoding: encoding)
  }

  /// One JSON object a line; labels may be strings, whole numbers or booleans.
  public static func jsonLines(
    text: TaskColumn = "text", pair: TaskColumn? = nil, label: TaskColumn = "label", labels: [Label]? = nil,
    group: TaskColumn? = nil
  ) -> TaskFormat {
    TaskFormat(.jsonLines, .label, text: text, pair: pair, label: label, labels: labels, group: group)
  }

  /// A label, a space and a text a line, such as `1 a fine film` or `DESC:manner How …`.
  ///
  /// - Parameter upTo: the label ends before it; nil takes all before the space.
  public static func labelledLines(
    upTo: String? = nil, labels: [Label]? = nil, encoding: TextEncoding = .utf8
  ) -> TaskFormat {
    TaskFormat(.labelledLines(upTo: upTo), .label, text: 2, label: 1, labels: labels, encoding: encoding)
  }
}

extension TaskFormat where Kind == Regression {
  /// Tab-separated values, without quoting unless `quoted` says so.
  ///
  /// - Parameters:
  ///   - value: the column of the number to predict.
  ///   - range: values outside of it are refused.
  public static func tsv(
    text: TaskColumn = "text", pair: TaskColumn? = nil, value: TaskColumn, range: ClosedRange<Double>? = nil,
    group: TaskColumn? = nil, quoted: Bool = false, header: Bool? = nil, ragged: RaggedRows = .refused,
    encoding: TextEncoding = .utf8
  ) -> TaskFormat {
    TaskFormat(
      .table(TableSyntax(isQuoted: quoted, header: header, ragged: ragged)), .value, text: text, pair: pair,
      label: value, group: group, range: range, encoding: encoding)
  }

  /// Comma-separated values as RFC 4180 has them. Parameters as in `tsv`.
  public static func csv(
    text: TaskColumn = "text", pair: TaskColumn? = nil, value: TaskColumn, range: ClosedRange<Double>? = nil,
    group: TaskColumn? = nil, delimiter: String = ",", header: Bool? = nil, ragged: RaggedRows = .refused,
    encoding: TextEncoding = .utf8
  ) -> TaskFormat {
    TaskFormat(
      .table(TableSyntax(delimiter: delimiter, isQuoted: true, header: header, ragged: ragged)), .value, text: text,
      pair: pair, label: value, group: group, range: range, encoding: encoding)
  }

  /// One JSON object a line; values may be numbers, or strings that read as one.
  public static func jsonLines(
    text: TaskColumn = "text", pair: TaskColumn? = nil, value: TaskColumn, range: ClosedRange<Double>? = nil,
    group: TaskColumn? = nil
  ) -> TaskFormat {
    TaskFormat(.jsonLines, .value, text: text, pair: pair, label: value, group: group, range: range)
  }
}

extension TaskFormat where Kind == Ranking {
  /// Tab-separated values: a query and a candidate a row.
  ///
  /// - Parameters:
  ///   - grade: the column of the relevance, at least 0; 0 is not relevant.
  ///   - group: the column of the query's id; nil takes equal queries for one.
  public static func tsv(
    query: TaskColumn = "query", candidate: TaskColumn = "passage", grade: TaskColumn, group: TaskColumn? = nil,
    quoted: Bool = false, header: Bool? = nil, ragged: RaggedRows = .refused, encoding: TextEncoding = .utf8
  ) -> TaskFormat {
    TaskFormat(
      .table(TableSyntax(isQuoted: quoted, header: header, ragged: ragged)), .grade, text: query, pair: candidate,
      label: grade, group: group, encoding: encoding)
  }

  /// Comma-separated values as RFC 4180 has them. Parameters as in `tsv`.
  public static func csv(
    query: TaskColumn = "query", candidate: TaskColumn = "passage", grade: TaskColumn, group: TaskColumn? = nil,
    delimiter: String = ",", header: Bool? = nil, ragged: RaggedRows = .refused, encoding: TextEncoding = .utf8
  ) -> TaskFormat {
    TaskFormat(
      .table(TableSyntax(delimiter: delimiter, isQuoted: true, header: header, ragged: ragged)), .grade, text: query,
      pair: candidate, label: grade, group: group, encoding: encoding)
  }

  /// One JSON object a line, with a query and a candidate.
  public static func jsonLines(
    query: TaskColumn = "query", candidate: TaskColumn = "passage", grade: TaskColumn, group: TaskColumn? = nil
  ) -> TaskFormat {
    TaskFormat(.jsonLines, .grade, text: query, pair: candidate, label: grade, group: group)
  }
}

extension TaskFormat where Kind == Tagging {
  /// A word with its columns a line, between tabs where the line has one, else between spaces; a blank line between
  /// sentences; `-DOCSTART-` lines begin documents.
  ///
  /// - Parameters:
  ///   - scheme: how the file's tags mark spans. Data has IOB2 in the end.
  ///   - comment: what lines begin with that are no words; nil where there are none.
  ///   - keepsDocuments: a split keeps the sentences of a document together.
  public static func conll(
    word: TaskColumn = 1, tag: TaskColumn = .last, scheme: TagScheme = .iob2, labels: [Label]? = nil,
    comment: String? = nil, keepsDocuments: Bool = false, encoding: TextEncoding = .utf8
  ) -> TaskFormat {
    TaskFormat(
      .words(WordSyntax(comment: comment, keepsDocuments: keepsDocuments)), .tags(scheme), text: word, label: tag,
      labels: labels, encoding: encoding)
  }

  /// CoNLL-U of Universal Dependencies.
  ///
  /// - Parameter tag: 4 is the universal part of speech, 5 the language's own.
  public static func conllU(tag: TaskColumn = 4, labels: [Label]? = nil) -> TaskFormat {
    TaskFormat(
      .words(WordSyntax(comment: "#", skipsRanges: true)), .tags(.plain), text: 2, label: tag, labels: labels)
  }

  /// One JSON object a line, with an array of words and one of tags; tags may be strings or whole numbers.
  ///
  /// - Parameter labels: the names of tags that are numbers, such as `Label("0", "O")`.
  public static func jsonLines(
    words: TaskColumn, tags: TaskColumn = "tags", scheme: TagScheme = .iob2, labels: [Label]? = nil,
    group: TaskColumn? = nil
  ) -> TaskFormat {
    TaskFormat(.jsonLines, .tags(scheme), text: words, label: tags, labels: labels, group: group)
  }
}
