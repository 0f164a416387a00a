import Declaring
import Models
import Tensors
import Training

/// Trains a classifier on a pretrained encoder, and keeps the epoch that is best on the dev part.
public struct FineTune: Stage {
  public static let id = "tune.classifier"
  public static let version = 2

  var base: Ref<Model<EncoderOnly>>
  var train: Ref<TaskData<Classification>>
  var dev: Ref<TaskData<Classification>>
  var length: Int
  var training: TrainingOptions
  var seed: Seed

  /// Starts from the encoder of a model of any kind; the head is new, unless the model is a classifier of the same
  /// labels.
  ///
  /// - Parameters:
  ///   - task: `train` is learnt from, `dev` chooses the epoch; `test` is not touched.
  ///   - length: longer texts are cut to this many tokens.
  ///   - shards: into how many pieces a batch is cut, each on a thread of its own (see `TrainingOptions.shards`).
  public init<Kind: ModelKind>(
    _ base: Ref<Model<Kind>>, on task: Ref<TaskSplits<Classification>>, epochs: Int = 3, batch: Int = 32,
    learningRate: Double = 5e-5, warmup: Double = 0.1, weightDecay: Double = 0.01, length: Int = 128, shards: Int = 2,
    seed: Seed = .standard
  ) {
    self.init(
      base, train: task.train, dev: task.dev, length: length,
      training: TrainingOptions(
        epochs: epochs, batch: batch, learningRate: learningRate, warmup: warmup, weightDecay: weightDecay,
        shards: shards),
      seed: seed)
  }

  /// With every value of the recipe.
  public init<Kind: ModelKind>(
    _ base: Ref<Model<Kind>>, train: Ref<TaskData<Classification>>, dev: Ref<TaskData<Classification>>,
    length: Int = 128, training: TrainingOptions, seed: Seed = .standard
  ) {
    self.base = base.encoder
    self.train = train
    self.dev = dev
    self.length = length
    self.training = training
    self.seed = seed
  }

  public var resources: Resources { Resources(cores: training.shards) }

  public func forecast(_ forecast: inout Forecast) -> Facts {
    forecast.check(training)
    var facts = forecast[base]
    forecast.check(trainable: facts, field: "base")
    forecast.check(length: length, positions: facts.positions)
    let (train, dev) = (forecast[train], forecast[dev])
    forecast.check(labels: train.labels, field: "train")
    forecast.check(train, dev, field: "dev", "The training and the dev part differ")
    facts.labels = train.labels
    facts.parameters = nil
    facts.precision = "f32"
    return facts
  }

  public func run(_ context: StageContext) async throws -> Model<Classifier> {
    let seed = context.seed(seed)
    let base = try StoredModel(reading: context.load(base).folder)
    let data = try TaskPreparation(
      train: train, dev: dev, tokenizer: base.tokenizer, length: length, in: context)
    let model = try base.replacingHead(
      .classifier(labels: data.train.names.count), labels: data.train.names, seed: seed)
    let team = ThreadTeam(context.threads)
    let outputs = try TextOutputs(model.bert, team: team)
    let task = SequenceTask(model.bert, texts: data.train.texts, labels: data.train.labels, objective: .classification)
    let trained = try Stages.train(
      task, values: model.values, options: training, seed: seed, context: context, team: team,
      selecting: data.dev.score(by: outputs))
    return try StoredModel(model.bert, values: trained, tokenizer: model.tokenizer).published(by: context)
  }
}
