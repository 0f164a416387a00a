import Training

/// How the examples of a task lie in a file.
///
/// Its functions make one: the columns that they ask for decide the kind of task, so `.tsv(text: "a", pair: "b", value: "score")` is a
/// format of `Regression`, and an import with it gives `TaskSplits<Regression>`.
public struct TaskFormat<Kind: TaskKind>: Sendable, Hashable, Codable {
  public typealias Label = TaskLabel

  public var syntax: TaskSyntax
  /// What the target is: see the functions that make a format.
  public var target: TaskTarget
  /// The column (or field) of the text; for tagging of the words, for ranking of the query.
  public var text: TaskColumn
  /// The column of the second text of a pair, for ranking of the candidate; nil for single texts.
  public var pair: TaskColumn?
  /// The column of the label, value, grade or tags.
  public var label: TaskColumn
  /// The labels in order; nil takes those of the training part, in numeric order where all are whole numbers, else by
  /// their bytes.
  public var labels: [Label]?
  /// A column whose equal values must stay in one part of a split, such as a document's number; nil groups equal texts, for
  /// ranking equal queries.
  public var group: TaskColumn?
  /// Values outside of it are refused.
  public var range: ClosedRange<Double>?
  public var encoding: TextEncoding
  /// Whether examples whose text is empty are left out, and counted in the log; else they are errors.
  public var skipsEmptyTexts = false

  init(
    _ syntax: TaskSyntax, _ target: TaskTarget, text: TaskColumn, pair: TaskColumn? = nil, label: TaskColumn,
    labels: [Label]? = nil, group: TaskColumn? = nil, range: ClosedRange<Double>? = nil,
    encoding: TextEncoding = .utf8
  ) {
    self.syntax = syntax
    self.target = target
    self.text = text
    self.pair = pair
    self.label = label
    self.labels = labels
    self.group = group
    self.range = range
    self.encoding = encoding
  }

  /// The same format, in which examples with an empty text are left out.
  public func skippingEmptyTexts() -> TaskFormat {
    var copy = self
    copy.skipsEmptyTexts = true
    return copy
  }

  /// The columns that are asked for, each with the option that names it.
  var columns: [(option: String, column: TaskColumn)] {
    let names =
      switch target {
      case .label: ("text", "pair", "label")
      case .value: ("text", "pair", "value")
      case .grade: ("query", "candidate", "grade")
      case .tags: ("words", "pair", "tags")
      }
    return [(names.0, text)] + (pair.map { [(names.1, $0)] } ?? []) + [(names.2, label)]
      + (group.map { [("group", $0)] } ?? [])
  }
}

/// What stands in the target's column.
public enum TaskTarget: Sendable, Hashable, Codable {
  /// One of several labels.
  case label
  /// A number.
  case value
  /// A grade of relevance, at least 0.
  case grade
  /// A tag for each word.
  case tags(TagScheme)
}

/// A label as it stands in the file, and its name in models and reports.
public struct TaskLabel: Sendable, Hashable, Codable {
  public var value: String
  public var name: String

  public init(_ value: String, _ name: String? = nil) {
    self.value = value
    self.name = name ?? value
  }
}

/// A column of a table, or a field of JSON objects.
public enum TaskColumn: Sendable, Hashable, Codable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
  /// By its name in the header. In JSON, `a.b` is field `b` of the object in field `a`.
  case name(String)
  /// By its place, from 1, as errors count; for files without a header.
  case number(Int)
  /// The last one.
  case last

  public init(_ name: String) { self = .name(name) }
  public init(stringLiteral value: String) { self = .name(value) }
  public init(integerLiteral value: Int) { self = .number(value) }
}
