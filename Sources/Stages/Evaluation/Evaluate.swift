import Declaring
import Models
import Tensors
import Training

/// Measures a classifier on labelled texts: accuracy with its interval, F1, agreement with another model.
public struct Evaluate: Stage {
  public static let id = "evaluate.classifier"
  public static let version = 2

  var model: Ref<Model<Classifier>>
  var data: Ref<TaskData<Classification>>
  var reference: Ref<Model<Classifier>>?
  var length: Int

  /// - Parameters:
  ///   - reference: a model, such as the teacher, to count equal answers with.
  ///   - length: longer texts are cut to this many tokens.
  public init(
    _ model: Ref<Model<Classifier>>, on data: Ref<TaskData<Classification>>,
    against reference: Ref<Model<Classifier>>? = nil, length: Int = 128
  ) {
    self.model = model
    self.data = data
    self.reference = reference
    self.length = length
  }

  public func forecast(_ forecast: inout Forecast) -> Facts {
    let model = forecast[model]
    forecast.check(length: length, positions: model.positions)
    forecast.check(model, forecast[data], field: "data", "The model and the data differ")
    forecast.require(
      forecast[data].examples != 0, "data", "There are no examples to evaluate on.",
      remedy: "Evaluate on another part, such as dev.")
    if let reference {
      forecast.check(model, forecast[reference], field: "reference", "The models differ")
    }
    return .unknown
  }

  public func run(_ context: StageContext) async throws -> Evaluation {
    let schema = try context.load(data).schema()
    let examples = try context.load(data).examples()
    guard !examples.isEmpty else {
      throw RetortError(
        "evaluate.empty", "There are no examples to evaluate on.", remedy: "Evaluate on another part, such as dev.",
        at: Place(field: "data"))
    }
    let team = ThreadTeam(context.threads)
    let model = try Answerer(reading: context.load(model).folder, team: team, length: length)
    try model.requireLabels(schema.labels)
    let answers = try model.answers(to: examples) { done in
      context.report(Progress(Double(done), of: Double(examples.count), unit: "sentences"))
      try context.checkCancellation()
    }
    let reference = try reference.map { reference in
      let other = try Answerer(reading: context.load(reference).folder, team: team, length: length)
      try other.requireLabels(schema.labels)
      return try other.answers(to: examples) { _ in try context.checkCancellation() }
    }
    let labels = examples.map { Int($0.labelOrIgnored) }
    let evaluation = try Evaluation(answers: answers, labels: labels, classes: schema.labels, reference: reference)
    context.record("accuracy", evaluation.accuracy)
    return evaluation
  }
}

/// What `Evaluate` found.
public struct Evaluation: ValueArtifact, Hashable {
  public static let kind = "evaluation.classifier"

  public var examples: Int
  public var correct: Int
  public var accuracy: Double
  /// The 95 % interval of the accuracy (Wilson 1927).
  public var interval: Interval
  /// Unweighted mean over the classes.
  public var macroF1: Double
  /// F1 of each class, by name.
  public var f1: [String: Double]
  /// The share of examples to which the reference model gives the same answer; nil without one.
  public var agreement: Double?

  /// - Parameters: answers, labels, reference: a class an example.
  init(answers: [Int], labels: [Int], classes: [String], reference: [Int]?) throws {
    examples = labels.count
    correct = zip(answers, labels).count { $0 == $1 }
    accuracy = try Metrics.accuracy(answers, labels)
    interval = try Metrics.wilson(correct: correct, of: examples)
    let scores = try Metrics.f1(answers, labels, classes: classes.count)
    macroF1 = scores.reduce(0, +) / Double(max(1, scores.count))
    f1 = Dictionary(zip(classes, scores)) { first, _ in first }
    agreement = try reference.map { try Metrics.agreement(answers, with: $0) }
  }
}
