import Retort

/// Asks what each family of techniques gives: the same students with and without it, paired by seed.
///
/// Teacher, language model and test set are shared; what differs between the two sides of a contrast is one stage. Both
/// sides take as many steps of the optimiser.
@main
struct Ablation: PipelineProgram {
  static let abstract = "Measures what distillation, augmentation and recovery after pruning give, over paired seeds."

  @Option(help: "How much to train: full, or tiny to see every stage in seconds.") var size = Size.full
  @Option(help: "Labelled reviews to learn from.") var labelled = 6_000
  @Option(help: "Paired runs of each contrast.") var pairs = 5

  enum Size: String, CaseIterable, ExpressibleByArgument { case tiny, full }

  var body: Pipeline {
    let (train, held) = isTiny ? (192, 64) : (labelled, 1_000)
    let reviews = stage("reviews", SampleReviews(train: train, dev: held, test: held))
    let text = stage("text", SampleSentences(isTiny ? 192 : 6_000, besides: train, dev: held, test: held))
    let words = stage("vocabulary", TrainVocabulary(on: text, size: isTiny ? 400 : 1_500))
    let language = stage(
      "language",
      Pretrain(
        .bert(layers: isTiny ? 2 : 4, hidden: isTiny ? 32 : 128, positions: 128), vocabulary: words, on: text,
        epochs: isTiny ? 1 : 5, learningRate: 1e-3, length: 64))
    let teacher = stage(
      "teacher", FineTune(language, on: reviews, epochs: isTiny ? 2 : 8, learningRate: 3e-4, length: 64))
    // Two variants a review: three times the examples, so a third of the epochs.
    let more = stage("augmented", Augment(reviews, recipe: .tinyBERT(copies: isTiny ? 1 : 2), with: language))

    let runs = (1...max(1, pairs)).map { Students(self, teacher, language, reviews, more, text, seed: UInt64($0)) }
    stage("task distillation", contrast(runs, \.distilled, \.tuned, on: reviews))
    stage("general distillation", contrast(runs, \.student, \.distilled, on: reviews))
    stage("augmentation", contrast(runs, \.augmented, \.student, on: reviews))
    stage("recovery after pruning", contrast(runs, \.recovered, \.cut, on: reviews))
    stage("pruning with recovery", contrast(runs, \.recovered, \.student, on: reviews))
  }

  private func contrast(
    _ runs: [Students], _ with: KeyPath<Students, Ref<Model<Classifier>>>,
    _ without: KeyPath<Students, Ref<Model<Classifier>>>, on reviews: Ref<TaskSplits<Classification>>
  ) -> Contrast {
    Contrast(on: reviews.test, runs.map { $0[keyPath: with] }, against: runs.map { $0[keyPath: without] }, length: 64)
  }

  var isTiny: Bool { size == .tiny }

  /// Epochs over the plain reviews.
  func training(epochs: Int, learningRate: Double = 1e-3) -> TrainingOptions {
    TrainingOptions(epochs: isTiny ? 1 : epochs, optimiser: AdamW(learningRate: learningRate))
  }
}

/// The students of one seed.
struct Students {
  /// Learnt the labels alone.
  var tuned: Ref<Model<Classifier>>
  /// Learnt its teacher's inside and answers.
  var distilled: Ref<Model<Classifier>>
  /// The same after general distillation.
  var student: Ref<Model<Classifier>>
  /// The same on augmented reviews.
  var augmented: Ref<Model<Classifier>>
  /// Without half its heads and neurons: as cut, and recovered.
  var cut: Ref<Model<Classifier>>
  var recovered: Ref<Model<Classifier>>

  init(
    _ program: Ablation, _ teacher: Ref<Model<Classifier>>, _ language: Ref<Model<MaskedLM>>,
    _ reviews: Ref<TaskSplits<Classification>>, _ more: Ref<TaskSplits<Classification>>, _ text: Ref<Corpus>,
    seed: UInt64
  ) {
    let isTiny = program.isTiny
    let number = Seed.fixed(seed)
    let shape = Student.bert(
      layers: isTiny ? 1 : 2, hidden: isTiny ? 16 : 64, heads: isTiny ? 1 : 4, positions: 128)
    func recipe(_ share: Int) -> DistillationRecipe {
      .tinyBERT(
        general: program.training(epochs: 2, learningRate: 2e-3), intermediate: program.training(epochs: 6 / share),
        prediction: program.training(epochs: 9 / share))
    }
    func distilled(
      _ label: String, _ start: Student, on task: Ref<TaskSplits<Classification>>, _ recipe: DistillationRecipe
    ) -> Ref<Model<Classifier>> {
      stage("\(label)-\(seed)", TaskDistill(teacher, into: start, on: task, recipe: recipe, length: 64, seed: number))
    }
    // The labels alone: what the teacher says has the weight 0.
    tuned = distilled("tuned", shape, on: reviews, .hinton(alpha: 0, training: program.training(epochs: 15)))
    self.distilled = distilled("distilled", shape, on: reviews, recipe(1))
    let general = stage(
      "general-\(seed)",
      PretrainDistill(language, into: shape, on: text, recipe: recipe(1), length: 64, seed: number))
    let student = distilled("student", .model(general), on: reviews, recipe(1))
    self.student = student
    augmented = distilled("augmented", .model(general), on: more, recipe(3))
    func pruned(_ label: String, _ recovery: Recovery?) -> Ref<Model<Classifier>> {
      stage(
        "\(label)-\(seed)",
        Prune(
          student, on: reviews, .heads(removing: 0.5), .ffn(removing: 0.5), iterations: isTiny ? 1 : 4,
          recovery: recovery, teacher: teacher, length: 64, seed: number))
    }
    cut = pruned("cut", nil)
    recovered = pruned("recovered", .distillation(epochs: isTiny ? 1 : 4, learningRate: 1e-3))
  }
}
