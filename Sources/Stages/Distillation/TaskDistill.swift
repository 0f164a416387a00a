import Declaring
import Models
import Training

/// Trains a student on a teacher's softened outputs (Hinton et al. 2015), beside the labels.
///
/// The loss is (1 − alpha) · CE(labels) + alpha · T² · KL(teacher ‖ student), both means over the batch, unless the
/// objective says otherwise. The teacher is frozen: its outputs are computed once.
public struct TaskDistill: Stage {
  public static let id = "distill.task"
  public static let version = 1

  var teacher: Ref<Model<Classifier>>
  var student: Student
  var train: Ref<TaskData<Classification>>
  var dev: Ref<TaskData<Classification>>
  /// Softens both sides: the larger, the more the teacher's unlikely classes count.
  var temperature: Double
  /// The share of the teacher; the labels have the rest.
  var alpha: Double
  var divergence: SoftTerm.Divergence
  var scaling: SoftTerm.Scaling
  var reduction: SoftTerm.Reduction
  var length: Int
  var training: TrainingOptions
  var seed: Seed

  /// - Parameters:
  ///   - student: `.bert(layers: 2, hidden: 64)`, `.blocks([1, 3])` of the teacher, or `.model(ref.encoder)`.
  ///   - task: `train` is learnt from (its examples need no labels where alpha is 1), `dev` chooses the epoch.
  ///   - temperature: 1 … 20 is usual.
  ///   - shards: into how many pieces a batch is cut, each on a thread of its own (see `TrainingOptions.shards`).
  public init(
    _ teacher: Ref<Model<Classifier>>, into student: Student, on task: Ref<TaskSplits<Classification>>,
    temperature: Double = 4, alpha: Double = 0.7, epochs: Int = 3, batch: Int = 32, learningRate: Double = 1e-4,
    warmup: Double = 0.1, weightDecay: Double = 0.01, length: Int = 128, shards: Int = 2, seed: Seed = .standard
  ) {
    self.init(
      teacher, into: student, train: task.train, dev: task.dev, temperature: temperature, alpha: alpha,
      length: length,
      training: TrainingOptions(
        epochs: epochs, batchSize: batch, shards: shards,
        optimiser: AdamW(learningRate: learningRate, weightDecay: weightDecay),
        schedule: LearningRateSchedule(warmup: warmup)),
      seed: seed)
  }

  /// The same into the encoder of another model.
  public init<Kind: ModelKind>(
    _ teacher: Ref<Model<Classifier>>, into student: Ref<Model<Kind>>, on task: Ref<TaskSplits<Classification>>,
    temperature: Double = 4, alpha: Double = 0.7, epochs: Int = 3, batch: Int = 32, learningRate: Double = 1e-4,
    warmup: Double = 0.1, weightDecay: Double = 0.01, length: Int = 128, shards: Int = 2, seed: Seed = .standard
  ) {
    self.init(
      teacher, into: .model(student.encoder), on: task, temperature: temperature, alpha: alpha, epochs: epochs,
      batch: batch, learningRate: learningRate, warmup: warmup, weightDecay: weightDecay, length: length,
      shards: shards, seed: seed)
  }

  /// With every value of the recipe.
  public init(
    _ teacher: Ref<Model<Classifier>>, into student: Student, train: Ref<TaskData<Classification>>,
    dev: Ref<TaskData<Classification>>, temperature: Double = 4, alpha: Double = 0.7,
    divergence: SoftTerm.Divergence = .forwardKL, scaling: SoftTerm.Scaling = .squared,
    reduction: SoftTerm.Reduction = .batchMean, length: Int = 128, training: TrainingOptions, seed: Seed = .standard
  ) {
    self.teacher = teacher
    self.student = student
    self.train = train
    self.dev = dev
    self.temperature = temperature
    self.alpha = alpha
    self.divergence = divergence
    self.scaling = scaling
    self.reduction = reduction
    self.length = length
    self.training = training
    self.seed = seed
  }

  public var resources: Resources { Resources(cores: training.shards) }

  private var objective: OutputObjective {
    OutputObjective([
      .hard(weight: 1 - alpha),
      .soft(
        SoftTerm(
          weight: alpha, temperature: temperature, divergence: divergence, scaling: scaling, reduction: reduction)),
    ])
  }

  public func forecast(_ forecast: inout Forecast) -> Facts {
    forecast.check(training)
    forecast.require(
      temperature > 0 && temperature.isFinite, "temperature", "The temperature is \(temperature), not above 0.",
      remedy: "Give 1 … 20; 4 is the default.")
    if temperature > 20 {
      forecast.warn(
        "temperature", "A temperature of \(temperature) erases most differences between classes.",
        remedy: "1 … 20 is usual.")
    }
    forecast.require(
      alpha >= 0 && alpha <= 1, "alpha", "The teacher's share is \(alpha), not in 0 … 1.", remedy: "Give a share.")
    let (teacher, train, dev) = (forecast[teacher], forecast[train], forecast[dev])
    forecast.check(trainable: teacher, field: "teacher")
    forecast.check(labels: train.labels, field: "train")
    forecast.check(teacher, train, field: "train", "The teacher and the data differ")
    forecast.check(train, dev, field: "dev", "The training and the dev part differ")
    forecast.check(length: length, positions: teacher.positions)
    var facts = student.forecast(&forecast, teacher: teacher)
    if facts.positions != teacher.positions { forecast.check(length: length, positions: facts.positions) }
    facts.labels = teacher.labels ?? train.labels
    facts.parameters = nil
    facts.precision = "f32"
    return facts
  }

  public func run(_ context: StageContext) async throws -> Model<Classifier> {
    let seed = context.seed(seed)
    let teacher = try StoredModel(reading: context.load(teacher).folder)
    let data = try EncodedTask(context.load(train), by: teacher.tokenizer, length: length)
    let held = try EncodedTask(context.load(dev), by: teacher.tokenizer, length: length)
    try data.requireUsable(for: "train")
    try held.requireSameLabels(as: data.names, part: "dev")
    guard data.names == teacher.bert.configuration.labels else {
      throw RetortError(
        "distill.labels", "The teacher's labels are \(teacher.bert.configuration.labels), the data's \(data.names).",
        remedy: "Use a teacher of this task.", at: Place(field: "teacher"))
    }
    let model = try rethrowing { try student.initial(context, teacher: teacher, seed: seed) }
    let team = ThreadTeam(context.threads)
    let soft =
      objective.needsTeacher
      ? try TextOutputs(teacher.bert, team: team).logits(of: data.texts, values: teacher.values) : []
    let outputs = try TextOutputs(model.bert, team: team)
    let task = SequenceTask(
      model.bert, texts: data.texts, labels: data.labels, teacher: soft, objective: objective)
    let trained = try Stages.train(
      task, values: model.values, options: training, seed: seed, context: context, team: team,
      selecting: held.texts.count == 0
        ? nil : { try outputs.accuracy(on: held.texts, labels: held.labels, values: $0) })
    let folder = try context.folder()
    let facts = try StoredModel(model.bert, values: trained, tokenizer: model.tokenizer).write(to: folder)
    return Model(folder: folder, facts: facts)
  }
}
