import Retort

/// Compresses a model of reviews by all five families: pretrain-distil, augment, task-distil, prune, quantize.
@main
struct Quickstart: PipelineProgram {
  static let abstract = "Compresses a review classifier by every family of techniques, from nothing to a leaderboard."

  @Option(help: "How much to train: full, or tiny to see every stage in seconds.") var size = Size.full
  @Option(help: "Reviews of your own: tab-separated, with the columns “sentence” and “label”.") var data: String?
  @Option(help: "Softens the teacher's answers.") var temperature = 1.0
  @Option(help: "The share of heads and neurons that pruning takes.") var sparsity = 0.5
  @Option(help: "Where the student goes, as a Hugging Face folder.") var export = "out/quickstart"

  enum Size: String, CaseIterable, ExpressibleByArgument { case tiny, full }

  var body: Pipeline {
    // Labelled reviews, and raw text to learn the language from.
    let (reviews, text) = sources
    let words = stage("vocabulary", TrainVocabulary(on: text, size: isTiny ? 400 : 1_500))

    // The teacher: a masked language model, then a classifier on top of it.
    let language = stage(
      "language",
      Pretrain(
        .bert(layers: isTiny ? 2 : 4, hidden: isTiny ? 32 : 128, positions: 128), vocabulary: words, on: text,
        epochs: isTiny ? 1 : 5, learningRate: 1e-3, length: 64))
    let teacher = stage(
      "teacher", FineTune(language, on: reviews, epochs: isTiny ? 2 : 8, learningRate: 3e-4, length: 64))

    // Pretrain-distil, augment, task-distil: the student learns what happens inside its teacher, then the task on more
    // examples than people labelled.
    let recipe = DistillationRecipe.tinyBERT(
      general: training(epochs: 2, learningRate: 2e-3), intermediate: training(epochs: 2, learningRate: 1e-3),
      prediction: training(epochs: 3, learningRate: 1e-3), temperature: temperature)
    let general = stage(
      "general",
      PretrainDistill(
        language, into: .bert(layers: isTiny ? 1 : 2, hidden: isTiny ? 16 : 64, heads: isTiny ? 1 : 4, positions: 128),
        on: text, recipe: recipe, length: 64))
    let more = stage("augmented", Augment(reviews, recipe: .tinyBERT(copies: isTiny ? 1 : 2), with: language))
    let student = stage("student", TaskDistill(teacher, into: general, on: more, recipe: recipe, length: 64))

    // Prune heads, neurons and words, and quantize what is left.
    let pruned = stage(
      "pruned",
      Prune(
        student, on: reviews, .heads(removing: sparsity), .ffn(removing: sparsity), iterations: isTiny ? 1 : 4,
        recovery: .distillation(epochs: isTiny ? 1 : 4, learningRate: 1e-3), teacher: teacher, length: 64))
    let compact = stage("compact", PruneVocabulary(pruned, keeping: .corpus(text), .examples(reviews.train)))
    let int8 = stage("int8", Quantize(compact, .dynamicInt8))

    // Epochs were chosen on the dev part; the test part is looked at here for the first time.
    Compare(on: reviews, length: 64, rounds: isTiny ? 1 : 5, sentences: isTiny ? 64 : 256) {
      teacher
      student
      pruned
      compact
      int8
    }
    Export(student, as: .huggingFace, to: Destination(export))
  }

  private var isTiny: Bool { size == .tiny }

  private func training(epochs: Int, learningRate: Double) -> TrainingOptions {
    TrainingOptions(epochs: isTiny ? 1 : epochs, optimiser: AdamW(learningRate: learningRate))
  }

  private var sources: (Ref<TaskSplits<Classification>>, Ref<Corpus>) {
    if let data {
      let reviews = stage("reviews", ImportTaskData(SourceFile(data), as: .tsv(text: "sentence")))
      return (reviews, stage("text", TaskText(reviews.train)))
    }
    let (train, held) = isTiny ? (192, 64) : (6_000, 1_000)
    return (
      stage("reviews", SampleReviews(train: train, dev: held, test: held)),
      stage("text", SampleSentences(train, besides: train, dev: held, test: held))
    )
  }
}
