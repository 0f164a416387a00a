import Retort

/// Compresses a model of reviews: pretrains and fine-tunes a teacher, distils it into a student, stores that in 8 bits.
@main
struct Quickstart: PipelineProgram {
  static let abstract = "Distils and quantizes a review classifier, from nothing to a leaderboard."

  @Option(help: "How much to train: full, or tiny to see every stage in seconds.") var size = Size.full
  @Option(help: "Reviews of your own: tab-separated, with the columns “sentence” and “label”.") var data: String?
  @Option(help: "Softens the teacher's answers.") var temperature = 4.0
  @Option(help: "Where the student goes, as a Hugging Face folder.") var export = "out/quickstart"

  enum Size: String, CaseIterable, ExpressibleByArgument { case tiny, full }

  var body: Pipeline {
    let isTiny = size == .tiny

    // Labelled reviews, and raw text to learn the language from.
    let (reviews, text) = sources

    let words = stage("vocabulary", TrainVocabulary(on: text, size: isTiny ? 400 : 1_500))

    // Both learn the language first, the larger one then the task, and the smaller one the task from the larger.
    let language = stage("language", pretrained(isTiny ? (2, 32) : (4, 128), words, text, learningRate: 1e-3))
    let small = stage("small", pretrained(isTiny ? (1, 32) : (2, 64), words, text, learningRate: 2e-3))
    let teacher = stage(
      "teacher", FineTune(language, on: reviews, epochs: isTiny ? 2 : 8, learningRate: 3e-4, length: 64))
    let student = stage(
      "student",
      TaskDistill(
        teacher, into: small, on: reviews, temperature: temperature, epochs: isTiny ? 2 : 16, learningRate: 1e-3,
        length: 64))
    let int8 = stage("int8", Quantize(student, .dynamicInt8))

    // Epochs were chosen on the dev part; the test part is looked at here for the first time.
    Compare(on: reviews, length: 64, rounds: isTiny ? 1 : 5, sentences: isTiny ? 64 : 256) {
      teacher
      student
      int8
    }
    Export(student, as: .huggingFace, to: Destination(export))
  }

  private func pretrained(
    _ shape: (layers: Int, hidden: Int), _ words: Ref<Vocabulary>, _ text: Ref<Corpus>, learningRate: Double
  ) -> Pretrain {
    Pretrain(
      .bert(layers: shape.layers, hidden: shape.hidden, positions: 64), vocabulary: words, on: text,
      epochs: size == .tiny ? 1 : 5, learningRate: learningRate, length: 64)
  }

  private var sources: (Ref<TaskSplits<Classification>>, Ref<Corpus>) {
    if let data {
      let reviews = stage("reviews", ImportTaskData(SourceFile(data), as: .tsv(text: "sentence")))
      return (reviews, stage("text", TaskText(reviews.train)))
    }
    let (train, held) = size == .tiny ? (192, 64) : (6_000, 1_000)
    return (
      stage("reviews", SampleReviews(train: train, dev: held, test: held)),
      stage("text", SampleSentences(train, besides: train, dev: held, test: held))
    )
  }
}
