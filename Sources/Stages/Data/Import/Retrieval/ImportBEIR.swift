import Declaring
import Training

/// Reads a data set for retrieval in the form of BEIR (Thakur et al. 2021): `corpus.jsonl`, `queries.jsonl`, and a file of
/// judgements for each part. The candidates of a query are those that BM25 finds in the corpus.
///
/// - Dev and test have the candidates of BM25 alone. What is relevant and not among them stands in the schema
///   (`TaskSchema.unretrieved`), so that figures count it.
/// - Training has all judged passages, and for each relevant one some candidates that nobody has judged, as not relevant.
public struct ImportBEIR: Stage {
  public static let id = "data.import-beir"
  public static let version = 1

  var corpus: SourceFile
  var queries: SourceFile
  var train: SourceFile?
  var dev: SourceFile?
  var test: SourceFile?
  var candidates: Int
  var negatives: Int
  var bm25: BM25Options
  /// The shares of the training queries for parts that have no judgements of their own.
  var split: TaskSplit
  var seed: Seed

  /// - Parameters:
  ///   - folder: the folder with `corpus.jsonl` and `queries.jsonl`.
  ///   - train, dev, test: the files of judgements, relative to the folder; nil takes the part from the training queries by
  ///     `split`, and leaves it empty where there are none.
  ///   - candidates: how many a query has at most, from the best.
  ///   - negatives: how many candidates without a judgement training takes for each relevant passage, drawn by `seed`.
  public init(
    at folder: String, train: String? = "qrels/train.tsv", dev: String? = nil, test: String? = nil,
    candidates: Int = 100, negatives: Int = 4, bm25: BM25Options = BM25Options(),
    split: TaskSplit = TaskSplit(), seed: Seed = .standard
  ) {
    func file(_ name: String) -> SourceFile { SourceFile(FilePath(folder).pushing(FilePath(name))) }
    corpus = file("corpus.jsonl")
    queries = file("queries.jsonl")
    self.train = train.map(file)
    self.dev = dev.map(file)
    self.test = test.map(file)
    self.candidates = candidates
    self.negatives = negatives
    self.bm25 = bm25
    self.split = split
    self.seed = seed
  }

  public var conventions: [String] {
    [
      "candidates: BM25 in Lucene's variant, k1 \(bm25.k1), b \(bm25.b); words are runs of letters and digits in lower case"
    ]
  }

  public func forecast(_ forecast: inout Forecast) -> Facts {
    forecast.require(
      train != nil || dev != nil || test != nil, "train", "There is no file of judgements.",
      remedy: "Name one for training, dev or test.")
    forecast.check(split, hasDev: dev != nil || train == nil, hasTest: test != nil || train == nil)
    for (field, message) in bm25.faults { forecast.fault("bm25.\(field)", message, remedy: "Change this option.") }
    forecast.require(
      (1...10_000).contains(candidates), "candidates", "\(candidates) candidates were asked for.",
      remedy: "Ask for 1 … 10,000.")
    forecast.require(
      (0...1_000).contains(negatives), "negatives", "\(negatives) negatives were asked for.",
      remedy: "Ask for 0 … 1,000.")
    var part = Facts()
    part.isPaired = true
    var facts = Facts()
    facts.ports = ["train": part, "dev": part, "test": part]
    return facts
  }
}
