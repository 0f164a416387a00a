import Artifacts
import Storing

/// The figures of several runs beside each other.
public struct RunComparison: Sendable {
  /// Oldest first.
  public var runs: [RunRecord]
  /// Options of the command line that are not the same in all of them.
  public var options: [Option]
  /// In the order of the newest run's stages.
  public var figures: [Figure]

  public struct Option: Sendable, Hashable {
    public var name: String
    /// By run.
    public var values: [String?]
  }

  public struct Figure: Sendable, Hashable {
    /// The stage that recorded it.
    public var label: String
    public var metric: String
    /// By run; nil where the run has none.
    public var values: [Double?]

    public var name: String { "\(label) \(metric)" }
    public var direction: MetricDirection? { MetricDirection(of: metric) }

    /// Which runs have the best value; none where that is not known, or all are alike.
    public var best: [Int] {
      let known = values.compactMap { $0 }.filter(\.isFinite)
      guard let direction, let least = known.min(), let most = known.max(), least < most else { return [] }
      let best = direction == .higher ? most : least
      return values.indices.filter { values[$0] == best }
    }
  }
}

/// Whether more of a figure is better.
public enum MetricDirection: String, Sendable, Codable {
  case higher, lower

  private static let lowerIsBetter: Set<String> = [
    "loss", "error", "seconds", "latency", "ms", "bytes", "perplexity", "brier", "p50", "p95", "ece",
  ]
  private static let higherIsBetter: Set<String> = [
    "accuracy", "f1", "matthews", "pearson", "spearman", "ndcg", "mrr", "map", "precision", "recall", "agreement",
    "auc", "gain", "score", "s",
  ]

  /// Nil for what is neither, such as a number of examples.
  public init?(of metric: String) {
    let words = metric.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    if words.contains(where: Self.lowerIsBetter.contains) {
      self = .lower
    } else if words.contains(where: Self.higherIsBetter.contains) {
      self = .higher
    } else {
      return nil
    }
  }
}

extension Inspector {
  /// The newest runs of a pipeline that came to an end, oldest first.
  ///
  /// - Parameter pipeline: nil for that of the newest run.
  public func recentRuns(of pipeline: String?, limit: Int) throws -> [RunRecord] {
    var found: [RunRecord] = []
    var name = pipeline
    var next = try cache.newestRun
    while next > 0, found.count < limit {
      if let run = try cache.run(RunID(next)), run.outcome == .succeeded || run.outcome == .failed {
        // The import of a bundle is no pipeline's run.
        if name == nil, run.request.arguments.first != "import" { name = run.request.pipeline }
        if run.request.pipeline == name { found.append(run) }
      }
      next -= 1
    }
    guard found.isEmpty, let pipeline else { return found.reversed() }
    let known = Set(try cache.runs(limit: 200).map(\.request.pipeline)).sorted().map { "“\($0)”" }
    throw RetortError(
      "name.unknown", "No run of “\(pipeline)” came to an end.",
      remedy: known.isEmpty ? "Run a pipeline first." : "The last runs were of \(known.joined(separator: ", ")).")
  }

  /// Sets the figures that the stages of some runs recorded beside each other. Stages inside others are left out.
  public func comparison(of runs: [RunRecord]) throws -> RunComparison {
    let steps = try runs.map { try cache.steps(of: $0.id).filter { $0.parent == nil } }
    var table = FigureTable(width: runs.count)
    // The newest run decides the order.
    for (column, steps) in steps.enumerated().reversed() {
      try cache.reading { snapshot in
        for step in steps {
          guard let key = step.key, let id = step.execution,
            let execution = try snapshot.execution(id, of: key)
          else { continue }
          for (metric, value) in execution.details.metrics.sorted(by: { $0.key < $1.key }) {
            table.set(step.label, metric, column, value)
          }
        }
      }
    }
    let names = Set(runs.flatMap(\.request.options.keys)).sorted()
    let options = names.map { name in
      RunComparison.Option(name: name, values: runs.map { $0.request.options[name] })
    }.filter { Set($0.values).count > 1 }
    return RunComparison(runs: runs, options: options, figures: table.figures)
  }
}

private struct FigureTable {
  private struct Name: Hashable {
    var label: String
    var metric: String
  }

  let width: Int
  private var positions: [Name: Int] = [:]
  private(set) var figures: [RunComparison.Figure] = []

  init(width: Int) { self.width = width }

  mutating func set(_ label: String, _ metric: String, _ column: Int, _ value: Double) {
    let name = Name(label: label, metric: metric)
    let position = positions[name] ?? figures.count
    if position == figures.count {
      positions[name] = position
      figures.append(.init(label: label, metric: metric, values: Array(repeating: nil, count: width)))
    }
    figures[position].values[column] = value
  }
}
