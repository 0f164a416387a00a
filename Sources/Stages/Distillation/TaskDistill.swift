import Declaring
import Models
import Tensors
import Training

/// Trains a student on a teacher of a task: on its softened answers (Hinton et al. 2015), or by any recipe of phases.
///
/// The student learns what the teacher does: to choose labels, to give numbers, to tag words or to rank. Where there is one
/// output, recipes compare outputs by their squared difference (`OutputObjective.adapted`).
///
/// The teacher is frozen and in evaluation mode. Its answers are computed once; its inner states, where a recipe compares
/// them, with each batch.
public struct TaskDistill<Kind: LearnableTask>: Stage {
  public static var id: String { "distill.\(Kind.Answers.name)" }
  public static var version: Int { 5 }

  var teacher: Ref<Model<Kind.Answers>>
  var student: Student
  var train: Ref<TaskData<Kind>>
  var dev: Ref<TaskData<Kind>>
  var phases: [DistillationPhase]
  /// What the epoch is chosen by; nil takes the kind's own.
  var metric: TaskMetric?
  var length: Int
  var seed: Seed

  /// Distils answers in one phase: (1 − alpha) · CE(labels) + alpha · T² · KL(teacher ‖ student).
  ///
  /// - Parameters:
  ///   - student: `.bert(layers: 2, hidden: 64)`, `.thinned(layers: 2)` of the teacher, or another model.
  ///   - task: `train` is learnt from (its examples need no labels where alpha is 1), `dev` chooses the epoch.
  ///   - temperature: 1 … 20 is usual.
  ///   - shards: into how many pieces a batch is cut, each on a thread of its own (see `TrainingOptions.shards`).
  public init(
    _ teacher: Ref<Model<Kind.Answers>>, into student: Student, on task: Ref<TaskSplits<Kind>>,
    temperature: Double = 4, alpha: Double = 0.7, epochs: Int = 3, batch: Int = 32, learningRate: Double = 1e-4,
    warmup: Double = 0.1, weightDecay: Double = 0.01, length: Int = 128, shards: Int = 2,
    metric: TaskMetric? = nil, seed: Seed = .standard
  ) {
    self.init(
      teacher, into: student, on: task,
      recipe: .hinton(
        temperature: temperature, alpha: alpha,
        training: TrainingOptions(
          epochs: epochs, batch: batch, learningRate: learningRate, warmup: warmup, weightDecay: weightDecay,
          shards: shards)),
      metric: metric, length: length, seed: seed)
  }

  /// The same into the encoder of another model.
  public init<Base: ModelKind>(
    _ teacher: Ref<Model<Kind.Answers>>, into student: Ref<Model<Base>>, on task: Ref<TaskSplits<Kind>>,
    temperature: Double = 4, alpha: Double = 0.7, epochs: Int = 3, batch: Int = 32, learningRate: Double = 1e-4,
    warmup: Double = 0.1, weightDecay: Double = 0.01, length: Int = 128, shards: Int = 2,
    metric: TaskMetric? = nil, seed: Seed = .standard
  ) {
    self.init(
      teacher, into: .model(student.encoder), on: task, temperature: temperature, alpha: alpha, epochs: epochs,
      batch: batch, learningRate: learningRate, warmup: warmup, weightDecay: weightDecay, length: length,
      shards: shards, metric: metric, seed: seed)
  }

  /// Distils by a recipe: `.hinton(…)`, `.tinyBERT(…)`, or phases of your own.
  public init(
    _ teacher: Ref<Model<Kind.Answers>>, into student: Student, on task: Ref<TaskSplits<Kind>>,
    recipe: DistillationRecipe, metric: TaskMetric? = nil, length: Int = 128, seed: Seed = .standard
  ) {
    self.init(
      teacher, into: student, train: task.train, dev: task.dev, phases: recipe.task, metric: metric, length: length,
      seed: seed)
  }

  /// The same into the encoder of another model, such as one that `PretrainDistill` made.
  public init<Base: ModelKind>(
    _ teacher: Ref<Model<Kind.Answers>>, into student: Ref<Model<Base>>, on task: Ref<TaskSplits<Kind>>,
    recipe: DistillationRecipe, metric: TaskMetric? = nil, length: Int = 128, seed: Seed = .standard
  ) {
    self.init(
      teacher, into: .model(student.encoder), on: task, recipe: recipe, metric: metric, length: length, seed: seed)
  }

  /// With every value of the recipe.
  public init(
    _ teacher: Ref<Model<Kind.Answers>>, into student: Student, train: Ref<TaskData<Kind>>,
    dev: Ref<TaskData<Kind>>, phases: [DistillationPhase], metric: TaskMetric? = nil, length: Int = 128,
    seed: Seed = .standard
  ) {
    self.teacher = teacher
    self.student = student
    self.train = train
    self.dev = dev
    self.phases = phases.map { phase in
      var phase = phase
      phase.objective = phase.objective.adapted(to: Kind.form)
      return phase
    }
    self.metric = metric
    self.length = length
    self.seed = seed
  }

  public var resources: Resources { Resources(cores: phases.map(\.training.shards).max() ?? 1) }

  /// What the epoch is chosen by.
  var chosenMetric: TaskMetric { metric ?? Kind.form.metric }

  public func forecast(_ forecast: inout Forecast) -> Facts {
    let (teacher, train, dev) = (forecast[teacher], forecast[train], forecast[dev])
    forecast.check(trainable: teacher, field: "teacher")
    forecast.check(metric, for: Kind.form, labels: train.labels)
    if Kind.form.hasLabels { forecast.check(labels: train.labels, field: "train") }
    forecast.check(teacher, train, field: "train", "The teacher and the data differ")
    forecast.check(train, dev, field: "dev", "The training and the dev part differ")
    forecast.check(length: length, positions: teacher.positions)
    var facts = student.forecast(&forecast, teacher: teacher)
    if facts.positions != teacher.positions { forecast.check(length: length, positions: facts.positions) }
    forecast.check(phases, teacher: teacher, student: facts)
    facts.labels = Kind.form.hasLabels ? teacher.labels ?? train.labels : nil
    facts.parameters = nil
    facts.precision = "f32"
    return facts
  }

  public func run(_ context: StageContext) async throws -> Model<Kind.Answers> {
    let seed = context.seed(seed)
    let teacher = try StoredModel(reading: context.load(teacher).folder)
    let data = try TaskPreparation(
      train: train, dev: dev, tokenizer: teacher.tokenizer, length: length, in: context)
    guard !Kind.form.hasLabels || data.train.names == teacher.bert.configuration.labels else {
      throw RetortError(
        "distill.labels",
        "The teacher's labels are \(teacher.bert.configuration.labels), the data's \(data.train.names).",
        remedy: "Use a teacher of this task.", at: Place(field: "teacher"))
    }
    let model = try rethrowing {
      try student.initial(
        context, teacher: teacher, head: teacher.bert.head, labels: teacher.bert.configuration.labels, seed: seed)
    }
    let training = PhasedTraining(
      phases: phases, teacher: teacher, student: model, texts: data.train.texts, examples: data.train, held: data.dev,
      metric: chosenMetric)
    let trained = try training.run(context, seed: seed, team: ThreadTeam(context.threads))
    return try StoredModel(model.bert, values: trained, tokenizer: model.tokenizer).published(by: context)
  }
}
