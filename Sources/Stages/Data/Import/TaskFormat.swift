import Training

/// How the examples of a task lie in a file.
public struct TaskFormat: Sendable, Hashable, Codable {
  public enum Syntax: String, Sendable, Codable {
    /// Tab-separated values under a header of column names, without quoting.
    case tsv
    /// One JSON object a line.
    case jsonLines
  }

  /// A label as it stands in the file, and its name in models and reports.
  public struct Label: Sendable, Hashable, Codable {
    public var value: String
    public var name: String

    public init(_ value: String, _ name: String? = nil) {
      self.value = value
      self.name = name ?? value
    }
  }

  public var syntax: Syntax
  /// The column (or field) of the text.
  public var text: String
  /// The column of the second text of a pair; nil for single texts.
  public var pair: String?
  /// The column of the label.
  public var label: String
  /// The labels in order; nil takes those of the training part, in numeric order where all are whole numbers, else by
  /// their bytes.
  public var labels: [Label]?
  /// A column whose equal values must stay in one part of a split, such as a document's number; nil groups equal texts.
  public var group: String?

  public init(
    _ syntax: Syntax, text: String, pair: String? = nil, label: String, labels: [Label]? = nil, group: String? = nil
  ) {
    self.syntax = syntax
    self.text = text
    self.pair = pair
    self.label = label
    self.labels = labels
    self.group = group
  }

  /// Tab-separated values with a header.
  public static func tsv(
    text: String = "text", pair: String? = nil, label: String = "label", labels: [Label]? = nil, group: String? = nil
  ) -> TaskFormat {
    TaskFormat(.tsv, text: text, pair: pair, label: label, labels: labels, group: group)
  }

  /// One JSON object a line; labels may be strings, whole numbers or booleans.
  public static func jsonLines(
    text: String = "text", pair: String? = nil, label: String = "label", labels: [Label]? = nil, group: String? = nil
  ) -> TaskFormat {
    TaskFormat(.jsonLines, text: text, pair: pair, label: label, labels: labels, group: group)
  }

  /// The tasks of GLUE whose form is known here.
  public enum GLUE: String, Sendable, Codable {
    /// Sentiment of movie-review phrases: sentence, label 0 (negative) or 1 (positive).
    case sst2
  }

  public static func glue(_ task: GLUE) -> TaskFormat {
    switch task {
    case .sst2: .tsv(text: "sentence", labels: [Label("0", "negative"), Label("1", "positive")])
    }
  }
}

/// How examples of one file are shared out into parts.
public struct TaskSplit: Sendable, Hashable, Codable {
  /// Shares of the examples; training gets the rest.
  public var dev: Double
  public var test: Double

  /// - Parameters:
  ///   - dev: the share to select on.
  ///   - test: the share to report on.
  public init(dev: Double = 0.1, test: Double = 0.1) {
    self.dev = dev
    self.test = test
  }
}
