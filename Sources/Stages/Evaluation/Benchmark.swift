import Declaring
import Models
import Tensors
import Training

/// Measures how fast a model of a task answers on one core of this machine.
public struct Benchmark: Stage {
  public static let id = "evaluate.speed"
  public static let version = 3
  public static let determinism = Determinism.measured

  var model: Ref<Model<EncoderOnly>>
  var data: Ref<TaskData<AnyTask>>
  /// Texts measured: the first ones of the data, again from the start where there are fewer.
  var sentences: Int
  var batch: Int
  /// Each figure is the median over this many rounds.
  var rounds: Int
  var length: Int

  public init<Kind: LearnableTask>(
    _ model: Ref<Model<Kind.Answers>>, on data: Ref<TaskData<Kind>>, sentences: Int = 256, batch: Int = 32,
    rounds: Int = 5, length: Int = 128
  ) {
    self.model = model.encoder
    self.data = data.examples
    self.sentences = sentences
    self.batch = batch
    self.rounds = rounds
    self.length = length
  }

  public var resources: Resources { Resources(cores: 1, isExclusive: true) }

  public func forecast(_ forecast: inout Forecast) -> Facts {
    for (field, value) in [("sentences", sentences), ("batch", batch), ("rounds", rounds)] {
      forecast.require(value >= 1, field, "It is \(value), not at least 1.", remedy: "Give a positive number.")
    }
    forecast.check(length: length, positions: forecast[model].positions)
    return .unknown
  }

  public func run(_ context: StageContext) async throws -> Timing {
    let examples = try context.load(data).examples()
    guard !examples.isEmpty, sentences > 0, batch > 0, rounds > 0 else {
      throw RetortError(
        "evaluate.empty", "There are no examples to measure with.", remedy: "Measure on another part, such as dev.",
        at: Place(field: "data"))
    }
    let model = try TaskAnswerer(reading: context.load(model).folder, team: nil, length: length)
    // The texts are encoded before the clock starts: what is measured is the model.
    let texts = try model.texts((0..<sentences).map { examples[$0 % examples.count] })
    try model.run(texts, batch: batch)
    var speeds: [Double] = []
    var medians: [Double] = []
    var tails: [Double] = []
    for round in 0..<rounds {
      let batches = try seconds { try model.run(texts, batch: batch) }
      speeds.append(Double(sentences) / batches)
      var latencies: [Double] = []
      for index in 0..<texts.count { latencies.append(try seconds { try model.run(texts, at: index) }) }
      latencies.sort()
      medians.append(Self.quantile(latencies, 0.5))
      tails.append(Self.quantile(latencies, 0.95))
      context.report(Progress(Double(round + 1), of: Double(rounds), unit: "rounds"))
      try context.checkCancellation()
    }
    let timing = Timing(
      sentencesPerSecond: Self.median(speeds), p50: Self.median(medians), p95: Self.median(tails),
      sentences: sentences, batch: batch, rounds: rounds)
    context.record("sentences/s", timing.sentencesPerSecond)
    return timing
  }

  private func seconds(_ body: () throws -> Void) rethrows -> Double {
    try ContinuousClock().measure(body).seconds
  }

  /// The value below which a share of sorted values lies (nearest rank).
  package static func quantile(_ sorted: [Double], _ share: Double) -> Double {
    guard !sorted.isEmpty else { return 0 }
    return sorted[min(sorted.count - 1, max(0, Int((share * Double(sorted.count)).rounded(.up)) - 1))]
  }

  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard let upper = sorted.dropFirst(sorted.count / 2).first else { return 0 }
    return sorted.count % 2 == 1 ? upper : (sorted[sorted.count / 2 - 1] + upper) / 2
  }
}

/// What `Benchmark` observed on one core.
public struct Timing: ValueArtifact, Hashable {
  public static let kind = "evaluation.speed"

  /// In batches.
  public var sentencesPerSecond: Double
  /// Seconds for one sentence at a time: the median, and what 95 % stay below.
  public var p50: Double
  public var p95: Double
  public var sentences: Int
  public var batch: Int
  public var rounds: Int
}
