import Declaring
import Training

/// Labelled reviews from the built-in grammar: a task that works without any file.
public struct SampleReviews: Stage {
  public static let id = "data.sample-reviews"
  public static let version = 1

  var train: Int
  var dev: Int
  var test: Int
  var seed: Seed

  /// - Parameters: train, dev, test: examples in each part; no text is in two of them.
  public init(train: Int = 6_000, dev: Int = 1_000, test: Int = 1_000, seed: Seed = .standard) {
    self.train = train
    self.dev = dev
    self.test = test
    self.seed = seed
  }

  static let labels = ["negative", "positive"]

  public func forecast(_ forecast: inout Forecast) -> Facts {
    for (field, count) in [("train", train), ("dev", dev), ("test", test)] {
      forecast.require(
        (2...50_000).contains(count), field, "A part of \(count) examples was asked for.",
        remedy: "Ask for 2 … 50,000.")
    }
    var facts = Facts()
    for (port, count) in [("train", train), ("dev", dev), ("test", test)] {
      var part = Facts()
      part.labels = Self.labels
      part.isPaired = false
      part.examples = count
      facts.ports[port] = part
    }
    return facts
  }

  public func run(_ context: StageContext) async throws -> TaskSplits<Classification> {
    let reviews = Reviews(
      seed: context.seed(seed), sizes: Reviews.Sizes(train: train, dev: dev, test: test, unlabelled: 0))
    func part(_ examples: [Reviews.Example], _ name: String) throws -> TaskData<Classification> {
      try TaskData(
        writing: examples.map { LabelledExample($0.text, target: .label($0.label)) }, labels: Self.labels,
        to: context.folder(name))
    }
    return TaskSplits(
      train: try part(reviews.train, "train"), dev: try part(reviews.dev, "dev"),
      test: try part(reviews.test, "test"))
  }
}

/// Unlabelled sentences from the same grammar, to learn words and language from.
public struct SampleSentences: Stage {
  public static let id = "data.sample-sentences"
  public static let version = 1

  var count: Int
  /// The parts of the reviews that no sentence may repeat.
  var train: Int
  var dev: Int
  var test: Int
  var seed: Seed

  /// - Parameters: train, dev, test: as in `SampleReviews` of the same seed: no sentence is one of those texts.
  public init(
    _ count: Int = 6_000, besides train: Int = 6_000, dev: Int = 1_000, test: Int = 1_000, seed: Seed = .standard
  ) {
    self.count = count
    self.train = train
    self.dev = dev
    self.test = test
    self.seed = seed
  }

  public func forecast(_ forecast: inout Forecast) -> Facts {
    forecast.require(
      (1...100_000).contains(count), "count", "\(count) sentences were asked for.", remedy: "Ask for 1 … 100,000.")
    var facts = Facts()
    facts.examples = count
    return facts
  }

  public func run(_ context: StageContext) async throws -> Corpus {
    let reviews = Reviews(
      seed: context.seed(seed), sizes: Reviews.Sizes(train: train, dev: dev, test: test, unlabelled: count))
    return try Corpus(writing: reviews.unlabelled, to: context.folder())
  }
}
