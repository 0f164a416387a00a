import Declaring
import Models
import Tensors
import Training

/// Trains a model for a task on a pretrained encoder, and keeps the epoch that is best on the dev part.
///
/// What it learns follows from the data: labels make a classifier, numbers a regressor, tagged words a tagger, candidates of
/// queries a ranker that reads query and passage together.
///
/// ```swift
/// let teacher = stage("teacher", FineTune(base, on: sst2))
/// let similar = stage("similar", FineTune(base, on: stsb, epochs: 4, metric: .pearson))
/// let ranker = stage("ranker", FineTune(base, on: wikiqa, metric: .mrr(), holdout: .share(0.1)))
/// ```
public struct FineTune<Kind: LearnableTask>: Stage {
  public static var id: String { "tune.\(Kind.Answers.name)" }
  public static var version: Int { 4 }

  var base: Ref<Model<EncoderOnly>>
  var train: Ref<TaskData<Kind>>
  var dev: Ref<TaskData<Kind>>
  var length: Int
  var training: TrainingOptions
  /// What a ranker learns; nil for other kinds, and for the default.
  var loss: RankingLoss?
  /// What the epoch is chosen by; nil takes the kind's own.
  var metric: TaskMetric?
  var holdout: Holdout?
  var seed: Seed

  /// Starts from the encoder of a model of any kind; the head is new, unless the model has one of the same labels.
  ///
  /// - Parameters:
  ///   - task: `train` is learnt from, `dev` chooses the epoch; `test` is not touched.
  ///   - length: longer texts are cut to this many tokens.
  ///   - shards: into how many pieces a batch is cut, each on a thread of its own (see `TrainingOptions.shards`).
  ///   - metric: what the epoch is chosen by; by default accuracy, Spearman's correlation, entity F1 or nDCG@10.
  ///   - holdout: training rows that join `dev` where that is too small to tell.
  public init<Base: ModelKind>(
    _ base: Ref<Model<Base>>, on task: Ref<TaskSplits<Kind>>, epochs: Int = 3, batch: Int = 32,
    learningRate: Double = 5e-5, warmup: Double = 0.1, weightDecay: Double = 0.01, length: Int = 128, shards: Int = 2,
    metric: TaskMetric? = nil, holdout: Holdout? = nil, seed: Seed = .standard
  ) {
    self.init(
      base, train: task.train, dev: task.dev, length: length,
      training: TrainingOptions(
        epochs: epochs, batch: batch, learningRate: learningRate, warmup: warmup, weightDecay: weightDecay,
        shards: shards),
      metric: metric, holdout: holdout, seed: seed)
  }

  /// With every value of the recipe.
  public init<Base: ModelKind>(
    _ base: Ref<Model<Base>>, train: Ref<TaskData<Kind>>, dev: Ref<TaskData<Kind>>, length: Int = 128,
    training: TrainingOptions, metric: TaskMetric? = nil, holdout: Holdout? = nil, seed: Seed = .standard
  ) {
    self.base = base.encoder
    self.train = train
    self.dev = dev
    self.length = length
    self.training = training
    self.metric = metric
    self.holdout = holdout
    self.seed = seed
  }

  public var resources: Resources { Resources(cores: training.shards) }

  /// What the epoch is chosen by.
  var chosenMetric: TaskMetric { metric ?? Kind.form.metric }

  public func forecast(_ forecast: inout Forecast) -> Facts {
    forecast.check(training)
    var facts = forecast[base]
    forecast.check(trainable: facts, field: "base")
    forecast.check(length: length, positions: facts.positions)
    let (train, dev) = (forecast[train], forecast[dev])
    forecast.check(metric, for: Kind.form, labels: train.labels)
    forecast.check(holdout)
    forecast.check(loss)
    if Kind.form.hasLabels {
      forecast.check(labels: train.labels, field: "train")
      forecast.check(train, dev, field: "dev", "The training and the dev part differ")
    }
    facts.labels = Kind.form.hasLabels ? train.labels : nil
    facts.parameters = nil
    facts.precision = "f32"
    return facts
  }

  public func run(_ context: StageContext) async throws -> Model<Kind.Answers> {
    let seed = context.seed(seed)
    let base = try StoredModel(reading: context.load(base).folder)
    let data = try TaskPreparation(
      train: train, dev: dev, tokenizer: base.tokenizer, length: length, holdout: holdout, seed: seed, in: context)
    let model = try base.replacingHead(
      Kind.form.head(labels: data.train.names.count), labels: data.train.names, seed: seed)
    let team = ThreadTeam(context.threads)
    let score = data.dev.score(by: try TextOutputs(model.bert, team: team), metric: chosenMetric)
    func trained(_ task: some TrainingTask) throws -> FlatBuffer<Float> {
      try Stages.train(
        task, values: model.values, options: training, seed: seed, context: context, team: team, metric: chosenMetric,
        selecting: score)
    }
    let values: FlatBuffer<Float>
    switch loss {
    case .listwise(let candidates):
      let task = try ListwiseTask(model.bert, examples: data.train, candidates: candidates, seed: seed)
      context.log("\(task.exampleCount) queries have relevant and other candidates")
      values = try trained(task)
    case .pointwise(let weight):
      values = try trained(data.train.task(for: model.bert, objective: .relevance(positiveWeight: weight)))
    case nil: values = try trained(data.train.task(for: model.bert))
    }
    return try StoredModel(model.bert, values: values, tokenizer: model.tokenizer).published(by: context)
  }
}
