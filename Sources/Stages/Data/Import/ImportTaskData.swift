import Declaring
import Training

/// Reads the examples of a task: a file for each part, or one that is split. The format decides the kind of task.
public struct ImportTaskData<Kind: TaskKind>: Stage {
  public static var id: String { "data.import-task" }
  public static var version: Int { 2 }

  var train: SourceFile
  var dev: SourceFile?
  var test: SourceFile?
  var format: TaskFormat<Kind>
  /// The shares of the parts that have no file of their own, taken from `train`.
  var split: TaskSplit
  var seed: Seed

  /// - Parameters:
  ///   - train: the file to learn from, and to take parts from that have no file.
  ///   - split: the share of each part without a file. Equal texts (for ranking, equal queries) stay in one part, and each
  ///     part has about the same share of each label.
  public init(
    _ train: SourceFile, dev: SourceFile? = nil, test: SourceFile? = nil, as format: TaskFormat<Kind>,
    split: TaskSplit = TaskSplit(), seed: Seed = .standard
  ) {
    self.train = train
    self.dev = dev
    self.test = test
    self.format = format
    self.split = split
    self.seed = seed
  }

  /// A folder whose files are known by name, such as `.glue(.sst2)`.
  public init(_ layout: TaskLayout<Kind>, at folder: String, seed: Seed = .standard) {
    self.init(
      SourceFile("\(folder)/\(layout.train)"), dev: layout.dev.map { SourceFile("\(folder)/\($0)") },
      test: layout.test.map { SourceFile("\(folder)/\($0)") }, as: layout.format, split: layout.split, seed: seed)
  }

  public func forecast(_ forecast: inout Forecast) -> Facts {
    forecast.check(split, hasDev: dev != nil, hasTest: test != nil)
    forecast.check(format)
    var part = Facts()
    if let labels = format.labels {
      part.labels = TargetReader(format).scheme.labels(named: labels.map(\.name))
    }
    part.isPaired = format.pair != nil
    var facts = Facts()
    facts.ports = ["train": part, "dev": part, "test": part]
    return facts
  }

  public func run(_ context: StageContext) async throws -> TaskSplits<Kind> {
    try TaskImport(format, context).run(
      train: train, dev: dev, test: test, split: split, seed: context.seed(seed))
  }
}

extension ImportTaskData where Kind == Classification {
  /// Tab-separated values with columns `text` and `label`.
  public init(
    _ train: SourceFile, dev: SourceFile? = nil, test: SourceFile? = nil, split: TaskSplit = TaskSplit(),
    seed: Seed = .standard
  ) {
    self.init(train, dev: dev, test: test, as: .tsv(), split: split, seed: seed)
  }
}
