import Retort

/// Tries temperatures, sparsities and int8 methods, and takes the best model that is small and fast enough.
@main
struct Sweep: PipelineProgram {
  static let abstract =
    "Sweeps over distillation, pruning and quantization, and chooses the best model under constraints."

  @Option(help: "How much to train: full, or tiny to see every stage in seconds.") var size = Size.full
  @Option(help: "A temperature to distil with; give it again for more.") var temperature = [2.0, 4.0]
  @Option(help: "A share of heads and neurons to prune, 0 for none; give it again for more.") var sparsity = [0, 0.5]
  @Option(help: "A way to make 8 bits; give it again for more.") var method = Method.allCases
  @Option(help: "Files of the chosen model stay below this many bytes.") var belowBytes = 400_000
  @Option(help: "Its median latency for one sentence stays below so many microseconds.") var belowMicroseconds = 50_000

  enum Size: String, CaseIterable, ExpressibleByArgument { case tiny, full }

  enum Method: String, CaseIterable, ExpressibleByArgument {
    case dynamic, minMax = "min-max", histogram, percentile
  }

  var body: Pipeline {
    let isTiny = size == .tiny
    let (train, held) = isTiny ? (192, 64) : (6_000, 1_000)
    let reviews = stage("reviews", SampleReviews(train: train, dev: held, test: held))
    let text = stage("text", SampleSentences(train, besides: train, dev: held, test: held))

    // What all candidates share is declared once, and computed once.
    let words = stage("vocabulary", TrainVocabulary(on: text, size: isTiny ? 400 : 1_500))
    let language = stage("language", pretrained(isTiny ? (2, 32) : (4, 128), words, text, learningRate: 1e-3))
    let small = stage("small", pretrained(isTiny ? (1, 32) : (2, 64), words, text, learningRate: 2e-3))
    let teacher = stage(
      "teacher", FineTune(language, on: reviews, epochs: isTiny ? 2 : 8, learningRate: 3e-4, length: 64))

    // A sweep is ordinary Swift.
    let candidates = temperature.map { temperature in
      let student = stage(
        "student-\(temperature)",
        TaskDistill(
          teacher, into: small, on: reviews, temperature: temperature, epochs: isTiny ? 2 : 16, learningRate: 1e-3,
          length: 64))
      return sparsity.map { sparsity in
        let (label, model) =
          sparsity == 0
          ? ("\(temperature)", student)
          : ("\(temperature)-\(sparsity)", pruned(student, sparsity, "\(temperature)", on: reviews))
        return (
          model: model,
          int8: method.map { stage("int8-\(label)-\($0.rawValue)", Quantize(model, int8($0, on: reviews))) }
        )
      }
    }.flatMap { $0 }

    let best = stage(
      "best",
      Best(
        of: candidates.map(\.model) + candidates.flatMap(\.int8), by: .accuracy, on: reviews.dev,
        where: [
          .bytes(below: belowBytes), .latency(.p50, below: .microseconds(belowMicroseconds)),
        ], length: 64, sentences: isTiny ? 64 : 256, rounds: isTiny ? 1 : 5))

    // The choice was made on the dev part; the test part is looked at here for the first time.
    Compare(on: reviews, length: 64, rounds: isTiny ? 1 : 5, sentences: isTiny ? 64 : 256) {
      teacher
      candidates.map(\.model)
      best
    }
  }

  private func pruned(
    _ student: Ref<Model<Classifier>>, _ sparsity: Double, _ label: String, on reviews: Ref<TaskSplits<Classification>>
  ) -> Ref<Model<Classifier>> {
    stage(
      "pruned-\(label)-\(sparsity)",
      Prune(
        student, on: reviews, .heads(removing: sparsity), .ffn(removing: sparsity), iterations: size == .tiny ? 1 : 4,
        recovery: .distillation(epochs: size == .tiny ? 1 : 4, learningRate: 1e-3), length: 64))
  }

  private func int8(_ method: Method, on reviews: Ref<TaskSplits<Classification>>) -> QuantizationMethod {
    func calibrated(_ observer: RangeObserver) -> QuantizationMethod {
      .staticInt8(calibration: reviews.train, examples: size == .tiny ? 128 : 512, observer: observer, length: 64)
    }
    return switch method {
    case .dynamic: .dynamicInt8
    case .minMax: calibrated(.minMax)
    case .histogram: calibrated(.histogram)
    case .percentile: calibrated(.percentile(99.99))
    }
  }

  private func pretrained(
    _ shape: (layers: Int, hidden: Int), _ words: Ref<Vocabulary>, _ text: Ref<Corpus>, learningRate: Double
  ) -> Pretrain {
    Pretrain(
      .bert(layers: shape.layers, hidden: shape.hidden, positions: 64), vocabulary: words, on: text,
      epochs: size == .tiny ? 1 : 5, learningRate: learningRate, length: 64)
  }
}
