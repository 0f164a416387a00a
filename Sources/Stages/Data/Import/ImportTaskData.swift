import Declaring
import Tensors
import Training

/// Reads labelled texts: a file for each part, or one that is split.
public struct ImportTaskData: Stage {
  public static let id = "data.import-task"
  public static let version = 1

  var train: SourceFile
  var dev: SourceFile?
  var test: SourceFile?
  var format: TaskFormat
  /// The shares of the parts that have no file of their own, taken from `train`.
  var split: TaskSplit
  var seed: Seed

  /// - Parameters:
  ///   - train: the file to learn from, and to take parts from that have no file.
  ///   - split: the share of each part without a file. Equal texts stay in one part, and each part has about the same
  ///     share of each label.
  public init(
    _ train: SourceFile, dev: SourceFile? = nil, test: SourceFile? = nil, as format: TaskFormat = .tsv(),
    split: TaskSplit = TaskSplit(), seed: Seed = .standard
  ) {
    self.train = train
    self.dev = dev
    self.test = test
    self.format = format
    self.split = split
    self.seed = seed
  }

  /// A folder as GLUE ships it. Its test labels are secret and its dev part is what people report: so `dev.tsv` becomes
  /// `test`, and a twentieth of `train.tsv` becomes `dev`, to select on.
  public init(_ format: TaskFormat, at folder: String, seed: Seed = .standard) {
    self.init(
      SourceFile("\(folder)/train.tsv"), test: SourceFile("\(folder)/dev.tsv"), as: format,
      split: TaskSplit(dev: 0.05, test: 0), seed: seed)
  }

  public func forecast(_ forecast: inout Forecast) -> Facts {
    for (field, share) in [("split.dev", split.dev), ("split.test", split.test)] {
      forecast.require(
        share >= 0 && share < 1, field, "The share is \(share), not at least 0 and below 1.",
        remedy: "Give a share such as 0.1.")
    }
    forecast.require(
      (dev == nil ? split.dev : 0) + (test == nil ? split.test : 0) < 1, "split",
      "The parts leave nothing to train on.", remedy: "Lower the shares of dev and test.")
    if let labels = format.labels {
      forecast.check(labels: labels.map(\.name), field: "format.labels")
      forecast.require(
        Set(labels.map(\.value)).count == labels.count && Set(labels.map(\.name)).count == labels.count,
        "format.labels", "A label is there twice.", remedy: "Give each label once, with a name of its own.")
    }
    var part = Facts()
    part.labels = format.labels?.map(\.name)
    part.isPaired = format.pair != nil
    var facts = Facts()
    facts.ports = ["train": part, "dev": part, "test": part]
    return facts
  }

  public func run(_ context: StageContext) async throws -> TaskSplits<Classification> {
    let main = try table(train, context)
    let labels = try format.labels ?? Self.labels(of: main)
    var parts = TaskParts(main, takingDev: dev == nil ? split.dev : 0, test: test == nil ? split.test : 0)
    parts.draw(seed: context.seed(seed))
    let (devRows, testRows) = (
      try dev.map { try table($0, context).rows }, try test.map { try table($0, context).rows }
    )
    let all = [parts.train, devRows ?? parts.dev, testRows ?? parts.test]
    let numbered = try all.map { try Self.numbered($0, labels) }
    let present = Set(numbered[0].compactMap(\.target))
    guard present.count >= 2 else {
      throw RetortError(
        "data.one-class", "All \(numbered[0].count) training examples have the same label.",
        remedy: "Give examples of at least two classes.", at: Place(file: main.name, field: format.label))
    }
    warnOfLeaks(all, context)
    let names = labels.map(\.name)
    for (part, examples) in zip(["train", "dev", "test"], numbered) {
      context.record("\(part) examples", Double(examples.count))
    }
    return TaskSplits(
      train: try TaskData(writing: numbered[0], labels: names, to: context.folder("train")),
      dev: try TaskData(writing: numbered[1], labels: names, to: context.folder("dev")),
      test: try TaskData(writing: numbered[2], labels: names, to: context.folder("test")))
  }

  private func table(_ file: SourceFile, _ context: StageContext) throws -> TaskTable {
    try TaskTable(TextFile(reading: context.load(file), named: file.path.string), format: format)
  }

  static func labels(of table: TaskTable) throws -> [TaskFormat.Label] {
    let values = Set(table.rows.map(\.label))
    let numbers = values.compactMap { Int($0) }
    let sorted =
      numbers.count == values.count && Set(numbers).count == numbers.count
      ? values.sorted { (Int($0) ?? 0) < (Int($1) ?? 0) }
      : values.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    guard sorted.count <= 1_000 else {
      throw RetortError(
        "data.many-labels", "There are \(sorted.count) different labels among \(table.rows.count) examples.",
        remedy: "Check that the label column is the right one.", at: Place(file: table.name))
    }
    return sorted.map { TaskFormat.Label($0) }
  }

  private static func numbered(_ rows: [TaskTable.Row], _ labels: [TaskFormat.Label]) throws -> [LabelledExample] {
    let index = Dictionary(labels.enumerated().map { ($1.value, $0) }) { first, _ in first }
    return try rows.map { row in
      guard let label = index[row.label] else {
        throw RetortError(
          "data.unknown-label",
          "The label “\(row.label)” is none of \(labels.map { "“\($0.value)”" }.joined(separator: ", ")).",
          remedy: "Correct it, or list all labels in the format.", at: row.place)
      }
      return LabelledExample(row.text, pair: row.pair, target: .label(label))
    }
  }

  private func warnOfLeaks(_ parts: [[TaskTable.Row]], _ context: StageContext) {
    let known = Set(parts[0].map(TaskParts.normal))
    for (part, rows) in zip(["dev", "test"], parts.dropFirst()) {
      let shared = rows.count { known.contains(TaskParts.normal($0)) }
      if shared > 0 { context.log("\(shared) of \(rows.count) texts of \(part) are also in train") }
    }
  }
}
