/// A text (or a pair of texts) with what a model should answer.
public struct LabelledExample: Sendable, Hashable {
  /// For ranking, the query.
  public var text: String
  /// For ranking, the candidate passage.
  public var pair: String?
  /// The words that a tagger labels, in order; `text` is these with single spaces between. Empty for whole texts.
  public var words: [String] = []
  /// What it is compared within, such as a query's number: rankings count in each group by itself.
  public var group: String?
  /// Nil where nobody has labelled it, as in a transfer set that only the teacher labels.
  public var target: Target?

  public enum Target: Sendable, Hashable {
    /// The position of a label in the task's list.
    case label(Int)
    /// A number; for ranking, the grade of relevance, 0 for none.
    case value(Double)
    /// The position of a label for each word; −100 where a word has none.
    case tags([Int])
  }

  public init(_ text: String, pair: String? = nil, target: Target? = nil) {
    self.text = text
    self.pair = pair
    self.target = target
  }

  /// Words with their labels.
  public init(words: [String], tags: [Int]?) {
    self.init(words.joined(separator: " "), target: tags.map { .tags($0) })
    self.words = words
  }

  /// The label's position, or −100, which losses pass over.
  public var labelOrIgnored: Int32 { if case .label(let index) = target { Int32(index) } else { -100 } }

  /// The number to predict; nil for a label or nothing.
  public var value: Double? { if case .value(let value) = target { value } else { nil } }
}

/// What holds for all examples of a set.
public struct TaskSchema: Sendable, Hashable, Codable {
  /// `TaskKind.name`.
  public var kind: String
  /// Names of the classes in order; empty for regression.
  public var labels: [String]
  public var isPaired: Bool
  public var examples: Int
  /// For ranking by retrieved candidates, what was missed: the grades of the relevant passages that are no candidates, by
  /// group. Recall and the ideal order count them; a group without any candidate is here alone. Nil where all are there.
  public var unretrieved: [String: [Double]]?

  public init(kind: String, labels: [String], isPaired: Bool, examples: Int) {
    self.kind = kind
    self.labels = labels
    self.isPaired = isPaired
    self.examples = examples
  }
}
