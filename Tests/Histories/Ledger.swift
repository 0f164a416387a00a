/// What a cache must know after everything that happened to it, kept the simplest way.
public struct Ledger {
  /// How a run went: what each step says, and what it gave.
  public struct Report: Codable, Sendable {
    public var world: World
    /// `ran` or `cached`; stages inside others too.
    public var statuses: [Step]
    /// Numbers by label, for the stages that the world has.
    public var values: [String: [Int]]
    /// The run's number.
    public var run: Int64

    public struct Step: Codable, Sendable {
      public var label: String
      public var status: String
    }

    public init(world: World, statuses: [Step], values: [String: [Int]], run: Int64) {
      (self.world, self.statuses, self.values, self.run) = (world, statuses, values, run)
    }
  }

  private struct Run {
    /// What it may have used, and what it did for certain.
    var words: Set<String>
    var used: Set<String>
    var isCertain: Bool
  }

  /// The code of the newest result of each word.
  private var done: [String: String] = [:]
  /// Words that may have a result or not: a crash came between.
  private var unsure: Set<String> = []
  /// In the order of their beginning.
  private var runs: [Run] = []
  /// One that was cut short and may be newer than those beside it.
  private var later: Run?

  public init() {}

  /// Whether there is a result.
  public func knows(_ word: Evaluation.Word) -> Bool { done[word.text] == word.code }

  /// Compares runs that went on at the same time, or one, with what they should have done.
  ///
  /// - Returns: what is wrong, a sentence each.
  public mutating func settle(_ reports: [Report]) -> [String] {
    var problems: [String] = []
    var wanted: [Evaluation.Word] = []
    var ran: [Evaluation.Word] = []
    for report in reports.sorted(by: { $0.run < $1.run }) {
      let truth = Evaluation(of: report.world)
      let statuses = Dictionary(report.statuses.map { ($0.label, $0.status) }, uniquingKeysWith: { first, _ in first })
      var own = Array(truth.words.values)
      for (label, inner) in truth.inner where statuses[inner.outer] == "ran" {
        own.append(inner.word)
        if statuses[label] == nil { problems.append("\(label) was not asked for") }
      }
      for label in truth.words.keys where statuses[label] == nil { problems.append("\(label) is missing") }
      for (label, value) in truth.values where report.values[label] != value {
        problems.append("\(label) is \(report.values[label] ?? []), and should be \(value): \(statuses[label] ?? "")")
      }
      for step in report.statuses {
        let (label, status) = (step.label, step.status)
        guard let word = truth.words[label] ?? truth.inner[label]?.word else {
          problems.append("\(label) is none of the world's")
          continue
        }
        if status == "ran" {
          ran.append(word)
        } else if status != "cached" {
          problems.append("\(label) was \(status)")
        }
      }
      wanted += own
      let words = Set(own.map(\.text))
      runs.append(Run(words: words, used: words, isCertain: true))
    }
    // It counts at both places: neither what it may have kept is known then, nor whose place it took.
    if let later { runs.append(later) }
    later = nil
    let distinct = Set(ran)
    if distinct.count != ran.count { problems.append("something was computed twice") }
    for word in Set(wanted) where !unsure.contains(word.text) {
      let isDone = done[word.text] == word.code
      if isDone, distinct.contains(word) { problems.append("\(word) ran, and was there") }
      if !isDone, !distinct.contains(word) { problems.append("\(word) did not run, and was not there") }
    }
    for word in wanted {
      done[word.text] = word.code
      unsure.remove(word.text)
    }
    return problems
  }

  /// A run that ended anywhere; `finished` are the labels that it had said to be finished. Where another run went on beside
  /// it, which of them is the newer one is not known.
  public mutating func crash(of world: World, finished: Set<String>, besideAnother: Bool = false) {
    let truth = Evaluation(of: world)
    var words: Set<String> = []
    var used: Set<String> = []
    let inner = truth.inner.mapValues(\.word)
    for (label, word) in truth.words.merging(inner, uniquingKeysWith: { first, _ in first }) {
      words.insert(word.text)
      if finished.contains(label) {
        used.insert(word.text)
        done[word.text] = word.code
        unsure.remove(word.text)
      } else if done[word.text] != word.code,
        !finished.contains(where: { truth.words[$0] == word || inner[$0] == word })
      {
        done[word.text] = nil
        unsure.insert(word.text)
      }
    }
    // Of two that went on beside each other it may be the older one, whose place is not known.
    runs.append(Run(words: words, used: besideAnother ? [] : used, isCertain: false))
    if besideAnother { later = runs.last }
  }

  /// A collection that keeps what the newest `count` runs used that succeeded; `isWhole` is false where it was cut short.
  public mutating func collect(keeping count: Int, isWhole: Bool = true) {
    // At the least, where each run that was cut short counts as a success; and at the most.
    let surely = kept(count, isGenerous: false)
    let perhaps = kept(count, isGenerous: true)
    for text in done.keys where !surely.contains(text) {
      done[text] = nil
      if !isWhole || perhaps.contains(text) { unsure.insert(text) }
    }
  }

  private func kept(_ count: Int, isGenerous: Bool) -> Set<String> {
    var words: Set<String> = []
    var successes = 0
    for run in runs.reversed() where successes < count {
      words.formUnion(isGenerous ? run.words : run.used)
      if run.isCertain || !isGenerous { successes += 1 }
    }
    return words
  }
}
