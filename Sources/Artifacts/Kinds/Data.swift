/// What the examples of a data set are labelled with.
public protocol TaskKind: Sendable {
  /// The model that learns to answer such examples.
  associatedtype Answers: ModelKind

  /// The stable name, such as `classification`.
  static var name: String { get }
}

/// One of several labels for a text or a pair of texts.
public enum Classification: TaskKind {
  public typealias Answers = Classifier
  public static let name = "classification"
}

/// A number for a text or a pair of texts.
public enum Regression: TaskKind {
  public typealias Answers = Regressor
  public static let name = "regression"
}

/// One of several labels for each word of a text.
public enum Tagging: TaskKind {
  public typealias Answers = Tagger
  public static let name = "tagging"
}

/// How relevant a passage is to a query, among the query's candidates.
public enum Ranking: TaskKind {
  public typealias Answers = Ranker
  public static let name = "ranking"
}

/// Examples of a task of any kind, of which only the texts or the form matter to a stage.
public enum AnyTask: TaskKind {
  public typealias Answers = EncoderOnly
  public static let name = "any"
}

/// Labelled examples: a folder with `examples.jsonl` and `schema.json`.
public struct TaskData<Kind: TaskKind>: FolderArtifact {
  public static var kind: String { "data.\(Kind.name)" }
  public let folder: FilePath
  public var facts: Facts

  public init(folder: FilePath, facts: Facts = .unknown) {
    self.folder = folder
    self.facts = facts
  }
}

/// The parts of a task: `train` to learn from, `dev` to select on, `test` to report (empty where there is none).
public struct TaskSplits<Kind: TaskKind>: ArtifactBundle {
  public var train: TaskData<Kind>
  public var dev: TaskData<Kind>
  public var test: TaskData<Kind>

  public static var table: [BundlePort<Self>] {
    [BundlePort("train", \Self.train), BundlePort("dev", \Self.dev), BundlePort("test", \Self.test)]
  }

  public init(train: TaskData<Kind>, dev: TaskData<Kind>, test: TaskData<Kind>) {
    self.train = train
    self.dev = dev
    self.test = test
  }

  public init(opening reader: OutputReader) throws {
    train = try TaskData(opening: reader.part("train"))
    dev = try TaskData(opening: reader.part("dev"))
    test = try TaskData(opening: reader.part("test"))
  }
}

/// Raw text: a folder with `text.txt`, one passage a line.
public struct Corpus: FolderArtifact {
  public static let kind = "corpus"
  public let folder: FilePath
  public var facts: Facts

  public init(folder: FilePath, facts: Facts = .unknown) {
    self.folder = folder
    self.facts = facts
  }
}

/// A tokenizer's files: a folder with `vocab.txt` and `tokenizer_config.json`.
public struct Vocabulary: FolderArtifact {
  public static let kind = "vocabulary"
  public let folder: FilePath
  public var facts: Facts

  public init(folder: FilePath, facts: Facts = .unknown) {
    self.folder = folder
    self.facts = facts
  }
}
