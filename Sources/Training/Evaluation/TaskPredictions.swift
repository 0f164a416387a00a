import Artifacts

/// What a model answered to the examples of a task, beside what is right: what scores are counted from.
public struct TaskPredictions: Sendable, Hashable {
  public enum Rows: Sendable, Hashable {
    /// A row an example: [examples][classes], and the positions of the right labels.
    case classes(logits: [[Float]], labels: [Int])
    case values(answers: [Double], targets: [Double])
    /// A tag a word, a list a sentence, for the words that have one.
    case tags(answers: [[String]], targets: [[String]])
    /// A candidate each: its score, its grade of relevance, and the query that it is a candidate of.
    case candidates(scores: [Double], grades: [Double], queries: [String])
  }

  public var rows: Rows
  /// Names of the labels in order; empty for values and candidates.
  public var labels: [String]
  /// For rankings of retrieved candidates: the grades of relevant passages that are no candidates, by query.
  public var missed: [String: [Double]]

  public init(_ rows: Rows, labels: [String] = [], missed: [String: [Double]] = [:]) {
    (self.rows, self.labels, self.missed) = (rows, labels, missed)
  }

  public var form: TaskForm {
    switch rows {
    case .classes: .classification
    case .values: .regression
    case .tags: .tagging
    case .candidates: .ranking
    }
  }

  /// Examples: sentences for tags, candidates for rankings.
  public var count: Int {
    switch rows {
    case .classes(_, let labels): labels.count
    case .values(_, let targets): targets.count
    case .tags(_, let targets): targets.count
    case .candidates(_, let grades, _): grades.count
    }
  }

  /// The place of the largest output, the first of equals.
  public static func largest(_ row: some RandomAccessCollection<Float>) -> Int {
    var best = row.startIndex
    for place in row.indices where row[place] > row[best] { best = place }
    return row.distance(from: row.startIndex, to: best)
  }

  /// The chosen class of each row of logits.
  public static func choices(_ logits: [[Float]]) -> [Int] { logits.map { largest($0) } }
}

extension TaskPredictions {
  /// Whether both are answers to the same examples.
  public func isAbout(sameAs other: TaskPredictions) -> Bool {
    switch (rows, other.rows) {
    case (.classes(_, let one), .classes(_, let two)): one == two
    case (.values(_, let one), .values(_, let two)): one == two
    case (.tags(_, let one), .tags(_, let two)): one == two
    case (.candidates(_, let one, let first), .candidates(_, let two, let second)): one == two && first == second
    default: false
    }
  }

  /// How alike two models answer, whatever is right: the share of equal classes or tags, Spearman's correlation of values,
  /// the share of queries for which both put the same candidate first.
  ///
  /// - Throws: `metric.misfit` unless both are answers to as many examples of one form.
  public func agreement(with other: TaskPredictions) throws -> Double {
    switch (rows, other.rows) {
    case (.classes(let one, _), .classes(let two, _)):
      return try Metrics.agreement(Self.choices(one), with: Self.choices(two))
    case (.values(let one, _), .values(let two, _)): return try Metrics.spearman(one, two)
    case (.tags(let one, _), .tags(let two, _)):
      guard one.map(\.count) == two.map(\.count) else { break }
      return try Metrics.agreement(one.flatMap { $0 }, with: two.flatMap { $0 })
    case (.candidates(let one, _, let queries), .candidates(let two, _, let others)):
      guard queries == others else { break }
      let groups = Self.groups(of: queries)
      func first(_ scores: [Double], _ group: [Int]) -> Int? { group.max { (scores[$0], -$0) < (scores[$1], -$1) } }
      return try Metrics.agreement(groups.map { first(one, $0) }, with: groups.map { first(two, $0) })
    default: break
    }
    throw Metrics.misfit("The two models' answers are not to the same examples.")
  }

  /// The rows of each query, in the order in which queries first occur.
  static func groups(of queries: [String]) -> [[Int]] {
    var places: [String: Int] = [:]
    var groups: [[Int]] = []
    for (index, query) in queries.enumerated() {
      if let place = places[query] {
        groups[place].append(index)
      } else {
        places[query] = groups.count
        groups.append([index])
      }
    }
    return groups
  }
}
