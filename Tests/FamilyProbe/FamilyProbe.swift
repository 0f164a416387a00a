import Retort

/// A program for tests to kill: a stage of every family, each as small as it can be, and no measured one.
@main
struct FamilyProbe: PipelineProgram {
  static let abstract = "Runs a stage of every family, for tests."

  @Option(help: "Labelled sentences: tab-separated, with the columns “sentence” and “label”.") var data = "data.tsv"

  var body: Pipeline {
    // Imports, a program of somebody else's, a vocabulary.
    let reviews = stage("reviews", ImportTaskData(SourceFile(data), as: .tsv(text: "sentence")))
    let raw = stage("raw", TaskText(reviews.train))
    let text = stage("text", Command<Corpus>("sh", "-c", "cp \"$1\"/* \"$2\"", "sh", .input(raw), .output))
    let words = stage("vocabulary", TrainVocabulary(on: text, size: 120))

    // Pretraining, tuning, a search over tunings.
    let language = stage(
      "language",
      Pretrain(
        .bert(layers: 2, hidden: 16, heads: 2, positions: 32), vocabulary: words, on: text, epochs: 1,
        learningRate: 1e-3,
        length: 16))
    let teacher = stage("teacher", FineTune(language, on: reviews, epochs: 1, learningRate: 1e-3, length: 16))
    let searched = stage(
      "searched",
      Search(
        [1e-3, 1e-2].map { FineTune(language, on: reviews, epochs: 1, learningRate: $0, length: 16) }, on: reviews.dev,
        length: 16))

    // Distillation of both kinds, augmentation between them.
    let training = TrainingOptions(epochs: 1, optimiser: AdamW(learningRate: 1e-3))
    let recipe = DistillationRecipe.tinyBERT(general: training, intermediate: training, prediction: training)
    let general = stage(
      "general",
      PretrainDistill(
        language, into: .bert(layers: 1, hidden: 16, heads: 2, positions: 32), on: text, recipe: recipe, length: 16))
    let more = stage("augmented", Augment(reviews, recipe: .tinyBERT(copies: 1), with: language))
    let student = stage("student", TaskDistill(teacher, into: general, on: more, recipe: recipe, length: 16))

    // Pruning, quantization, the choice among what came of them, exports.
    let pruned = stage(
      "pruned",
      Prune(
        searched, on: reviews, .heads(removing: 0.5), .ffn(removing: 0.5), iterations: 2,
        recovery: .distillation(epochs: 1, learningRate: 1e-3), length: 16))
    let compact = stage("compact", PruneVocabulary(pruned, keeping: .corpus(text), .examples(reviews.train)))
    let dynamic = stage("dynamic", Quantize(student, .dynamicInt8))
    let calibrated = stage(
      "calibrated",
      Quantize(compact, .staticInt8(calibration: reviews.train, examples: 16, observer: .minMax, length: 16)))
    let best = stage(
      "best", Best(of: [student, compact, dynamic, calibrated], by: .accuracy, on: reviews.dev, length: 16))
    stage("evaluation", Evaluate(best, on: reviews.test, length: 16))
    stage("export", Export(student, as: .huggingFace, .onnx, to: "out/student"))
  }
}
