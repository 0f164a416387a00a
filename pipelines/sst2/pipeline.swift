import Retort

/// Compresses MiniLM for SST-2 by all families: from a checkpoint and labelled sentences to models that other programs serve.
///
///     make model
///     swift run -c release sst2 --model models/minilm --data data/sst2 --text data/wikipedia.txt
@main
struct SST2: PipelineProgram {
  static let abstract =
    "Compresses a pretrained BERT for SST-2, from its checkpoint to ONNX, int8 and Hugging Face folders."

  @Option(help: "A checkpoint's folder, such as that of MiniLM.") var model: String
  @Option(help: "SST-2 as GLUE ships it: a folder with train.tsv and dev.tsv.") var data: String
  @Option(help: "Raw text to learn the language from, a passage a line.") var text: String
  @Option(help: "Word vectors in GloVe's format, for what augmentation does with words of several pieces.")
  var vectors: String?
  @Option(help: "How many of its passages.") var passages = 24_000
  @Option(help: "Layers of the student; they divide the teacher's.") var layers = 3
  @Option(help: "Width of the student. (default: the teacher's, some of whose blocks it starts from)") var hidden: Int?
  @Option(help: "How it learns: tinyBERT from its teacher's inside, hinton from answers alone.") var recipe = Recipe
    .tinyBERT
  @Option(help: "The share of attention heads that pruning takes.") var heads = 0.5
  @Option(help: "Shares of intermediate neurons that pruning takes, a model each.") var sparsities = [0.7]
  @Option(help: "Students, a seed each; the best goes on.") var seeds = 1
  @Option(help: "Sentences that go on to the student's task, for each that people labelled.") var copies = 1
  @Option(help: "Where the models go.") var export = "out/sst2"

  enum Recipe: String, CaseIterable, ExpressibleByArgument { case tinyBERT, hinton }

  var body: Pipeline {
    let base = stage("base", ImportCheckpoint(model))
    let task = stage("task", ImportTaskData(.glue(.sst2), at: data))
    let corpus = stage("corpus", ImportText(SourceFile(text), limit: passages))

    // A checkpoint of an encoder has no masked-LM head: augmentation needs one, which learns the task's own sentences.
    let teacher = stage("teacher", FineTune(base, on: task, epochs: 3, length: 64))
    let sentences = stage("sentences", TaskText(task.train))
    let language = stage("language", Pretrain(base, heads: .maskedLM, on: sentences, epochs: 2, length: 64))

    // The student learns the language from the encoder's inside, then the task on more examples than people labelled.
    let general = stage("general", PretrainDistill(base, into: student, on: corpus, recipe: learning, length: 96))
    let more = stage(
      "augmented",
      Augment(
        task, recipe: .tinyBERT(copies: copies, vectors: vectors.map { SourceFile($0) }, context: .alone),
        with: language))
    let students = ForEach("student", over: Array(1...max(1, seeds))) { seed in
      TaskDistill(teacher, into: general, on: more, recipe: learning, length: 64, seed: .fixed(UInt64(seed)))
    }
    let learnt = best("student", of: students.results, on: task)

    // What is left of it: the words of the task, fewer heads and neurons, integers. Words go first, so that the recovery
    // after the cuts learns with those that are left.
    let compact = stage("compact", PruneVocabulary(learnt, keeping: .examples(task.train), minimumCount: 6))
    let pruned = ForEach("pruned", over: sparsities) { share in
      Prune(
        compact, on: task, .heads(removing: heads), .ffn(removing: share), iterations: 3,
        recovery: .distillation(epochs: 3, learningRate: 1e-4), teacher: teacher, length: 64)
    }
    let small = best("pruned", of: pruned.results, on: task)
    let int8 = stage("int8", Quantize(small, .dynamicInt8))

    // GLUE's dev part is the test part here: nothing above has seen it.
    Compare(on: task, length: 64) {
      teacher
      students
      compact
      pruned
      int8
    }
    Export(teacher, as: .huggingFace, .onnx, to: Destination("\(export)/teacher"))
    Export(small, as: .huggingFace, .onnx, to: Destination("\(export)/pruned"))
    Export(int8, as: .retort, .onnx, to: Destination("\(export)/int8"))
  }

  private func best(
    _ label: String, of models: [Ref<Model<Classifier>>], on task: Ref<TaskSplits<Classification>>
  ) -> Ref<Model<Classifier>> {
    models.count == 1 ? models[0] : stage("best-\(label)", Best(of: models, by: .accuracy, on: task.dev))
  }

  private var student: Student {
    guard let hidden else { return .thinned(layers: layers) }
    return .bert(layers: layers, hidden: hidden, heads: 12, positions: 128)
  }

  private var learning: DistillationRecipe {
    // Blocks that were trained before need smaller steps than new ones.
    let rate = hidden == nil ? 1e-4 : 5e-4
    func training(_ epochs: Int, _ rate: Double, batch: Int = 32) -> TrainingOptions {
      TrainingOptions(epochs: epochs, batchSize: batch, optimiser: AdamW(learningRate: rate))
    }
    var inside = DistillationRecipe.tinyBERT(
      general: training(1, 2 * rate, batch: 64), intermediate: training(1, rate), prediction: training(3, rate / 2))
    if hidden == nil { inside = inside.withoutProjections }
    var answers = DistillationRecipe.hinton(temperature: 2, alpha: 0.9, training: training(3, rate))
    answers.general = inside.general
    return recipe == .tinyBERT ? inside : answers
  }
}

extension DistillationRecipe {
  /// For a student as wide as its teacher: states are compared as they are, and what its blocks knew stays.
  fileprivate var withoutProjections: DistillationRecipe {
    func bare(_ phase: DistillationPhase) -> DistillationPhase {
      var phase = phase
      phase.projections = []
      for index in phase.matches.indices { phase.matches[index].projection = .none }
      return phase
    }
    return DistillationRecipe(general: general.map(bare), task: task.map(bare))
  }
}
