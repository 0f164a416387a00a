import Training

/// The files of a data set's folder, and their format.
public struct TaskLayout<Kind: TaskKind>: Sendable {
  public var format: TaskFormat<Kind>
  /// Names of files in the folder; a part without one is taken from `train`.
  public var train: String
  public var dev: String?
  public var test: String?
  public var split: TaskSplit

  public init(
    _ format: TaskFormat<Kind>, train: String, dev: String? = nil, test: String? = nil, split: TaskSplit = TaskSplit()
  ) {
    self.format = format
    self.train = train
    self.dev = dev
    self.test = test
    self.split = split
  }

  /// A folder as GLUE ships it. Its test labels are secret and its dev part is what people report: so `dev.tsv` becomes
  /// `test`, and a twentieth of `train.tsv` becomes `dev`, to select on.
  public static func glue(_ task: GLUE<Kind>) -> TaskLayout {
    TaskLayout(
      task.format, train: "train.tsv", test: task.development, split: TaskSplit(dev: 0.05, test: 0))
  }
}

extension TaskFormat where Kind == Regression {
  /// A file of STS-B as its authors ship it (Cer et al. 2017), such as `sts-train.csv`: tab-separated in truth, without a
  /// header, and with up to two columns more in some rows.
  public static var stsBenchmark: TaskFormat {
    .tsv(text: 6, pair: 7, value: 5, range: 0...5, ragged: .read)
  }
}

extension TaskFormat where Kind == Ranking {
  /// A file of WikiQA (Yang et al. 2015), such as `WikiQA-train.tsv`.
  public static var wikiQA: TaskFormat {
    .tsv(query: "Question", candidate: "Sentence", grade: "Label", group: "QuestionID")
  }

  /// A file of WikiQA with question, sentence and label alone, such as `WikiQASent-train.txt`.
  public static var wikiQASentences: TaskFormat { .tsv(query: 1, candidate: 2, grade: 3) }
}
