import Declaring
import Models
import Tensors
import Training

/// Measures a model on the labelled examples of its task: a score with its interval, others beside it, and what it answered
/// to each example.
///
/// ```swift
/// Evaluate(student, on: sst2.test, against: teacher)
/// Evaluate(ranker, on: wikiqa.test, metric: .mrr())
/// ```
public struct Evaluate: Stage {
  public static let id = "evaluate.model"
  public static let version = 1

  var model: Ref<Model<EncoderOnly>>
  var data: Ref<TaskData<AnyTask>>
  var reference: Ref<Model<EncoderOnly>>?
  var form: TaskForm
  var metric: TaskMetric?
  var length: Int

  /// - Parameters:
  ///   - reference: a model, such as the teacher, to compare with on the same examples.
  ///   - metric: what is stated first; by default accuracy, Spearman's correlation, entity F1 or nDCG@10.
  ///   - length: longer texts are cut to this many tokens.
  public init<Kind: LearnableTask>(
    _ model: Ref<Model<Kind.Answers>>, on data: Ref<TaskData<Kind>>, against reference: Ref<Model<Kind.Answers>>? = nil,
    metric: TaskMetric? = nil, length: Int = 128
  ) {
    self.init(
      model.encoder, on: data.examples, against: reference?.encoder, form: Kind.form, metric: metric, length: length)
  }

  init(
    _ model: Ref<Model<EncoderOnly>>, on data: Ref<TaskData<AnyTask>>, against reference: Ref<Model<EncoderOnly>>?,
    form: TaskForm, metric: TaskMetric?, length: Int
  ) {
    self.model = model
    self.data = data
    self.reference = reference
    self.form = form
    self.metric = metric
    self.length = length
  }

  public func forecast(_ forecast: inout Forecast) -> Facts {
    let model = forecast[model]
    forecast.check(length: length, positions: model.positions)
    forecast.check(metric, for: form, labels: forecast[data].labels)
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
    let data = try context.load(data)
    let schema = try data.schema()
    let examples = try data.examples()
    guard !examples.isEmpty else {
      throw RetortError(
        "evaluate.empty", "There are no examples to evaluate on.", remedy: "Evaluate on another part, such as dev.",
        at: Place(field: "data"))
    }
    let unlabelled = examples.count { $0.target == nil }
    guard unlabelled == 0 else {
      throw RetortError(
        "evaluate.unlabelled", "\(unlabelled) of \(examples.count) examples are not labelled.",
        remedy: "Evaluate on another part, such as dev.", at: Place(field: "data"))
    }
    let team = ThreadTeam(context.threads)
    func answers(of model: Ref<Model<EncoderOnly>>, reports: Bool) throws -> TaskPredictions {
      let model = try TaskAnswerer(reading: context.load(model).folder, team: team, length: length)
      try model.require(form, labels: schema.labels)
      var encoded = try model.encoded(examples, form: form, names: schema.labels)
      encoded.missed = schema.unretrieved ?? [:]
      if reports, encoded.texts.truncated > 0 {
        context.log("\(encoded.texts.truncated) texts were cut to \(model.length) tokens")
      }
      return try model.predictions(for: encoded) { done in
        if reports { context.report(Progress(Double(done), of: Double(examples.count), unit: "sentences")) }
        try context.checkCancellation()
      }
    }
    let own = try answers(of: model, reports: true)
    let other = try reference.map { try answers(of: $0, reports: false) }
    let figures = try EvaluationFigures(of: own, metric: metric, against: other)
    if figures.leftOut > 0 {
      context.log("\(figures.leftOut) queries have no relevant passage and are left out")
    }
    for figure in [figures.primary] + figures.others { context.record(figure.metric.words, figure.value) }
    return try Evaluation(figures, predictions: own, in: context.folder())
  }
}
