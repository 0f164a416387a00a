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
  @Option(help: "Layers of the student; they divide the teacher's.") var layers = 3
  @Option(help: "Width of the student.") var hidden = 192
  @Option(help: "How it learns: tinyBERT from its teacher's inside, hinton from answers alone.") var recipe = Recipe
    .tinyBERT
  @Option(help: "Shares of heads and neurons that pruning takes, a model each.") var sparsities = [0.5]
  @Option(help: "Students, a seed each; the best goes on.") var seeds = 1
  @Option(help: "Sentences that go on to the student's task, for each that people labelled.") var copies = 1
  @Option(help: "Where the models go.") var export = "out/sst2"

  enum Recipe: String, CaseIterable, ExpressibleByArgument { case tinyBERT, hinton }

  var body: Pipeline {
    let base = stage("base", ImportCheckpoint(model))
    let task = stage("task", ImportTaskData(.glue(.sst2), at: data))
    let corpus = stage("corpus", ImportText(SourceFile(text)))

    // A checkpoint of an encoder has no masked-LM head: augmentation needs one, which learns the task's own sentences.
    let teacher = stage("teacher", FineTune(base, on: task, epochs: 3, length: 64))
    let sentences = stage("sentences", TaskText(task.train))
    let language = stage("language", Pretrain(base, heads: .maskedLM, on: sentences, epochs: 2, length: 64))

    // The student learns the language from the encoder's inside, then the task on more examples than people labelled.
    let shape = Student.bert(layers: layers, hidden: hidden, heads: 12, positions: 128)
    let general = stage("general", PretrainDistill(base, into: shape, on: corpus, recipe: learning, length: 96))
    let more = stage(
      "augmented",
      Augment(
        task, recipe: .tinyBERT(copies: copies, vectors: vectors.map { SourceFile($0) }, context: .alone),
        with: language))
    let students = (1...max(1, seeds)).map { seed in
      stage(
        seeds > 1 ? "student-\(seed)" : "student",
        TaskDistill(teacher, into: general, on: more, recipe: learning, length: 64, seed: .fixed(UInt64(seed))))
    }
    let student = best("best-student", of: students, on: task)

    // What is left of it: fewer heads and neurons, only the words of the task, integers.
    let pruned = sparsities.map { share in
      stage(
        "pruned-\(Int(share * 100))",
        Prune(
          student, on: task, .heads(removing: share), .ffn(removing: share), iterations: 3,
          recovery: .distillation(epochs: 2, learningRate: 2e-4), teacher: teacher, length: 64))
    }
    let small = best("best-pruned", of: pruned, on: task)
    let compact = stage("compact", PruneVocabulary(small, keeping: .examples(task.train)))
    let int8 = stage("int8", Quantize(compact, .dynamicInt8))

    // GLUE's dev part is the test part here: nothing above has seen it.
    Compare(on: task, length: 64) {
      teacher
      students
      pruned
      compact
      int8
    }
    Export(teacher, as: .huggingFace, .onnx, to: Destination("\(export)/teacher"))
    Export(compact, as: .huggingFace, .onnx, to: Destination("\(export)/compact"))
    Export(int8, as: .retort, .onnx, to: Destination("\(export)/int8"))
  }

  private func best(
    _ label: String, of models: [Ref<Model<Classifier>>], on task: Ref<TaskSplits<Classification>>
  ) -> Ref<Model<Classifier>> {
    models.count == 1 ? models[0] : stage(label, Best(of: models, by: .accuracy, on: task.dev))
  }

  private var learning: DistillationRecipe {
    func training(_ epochs: Int, _ rate: Double, batch: Int = 32) -> TrainingOptions {
      TrainingOptions(epochs: epochs, batchSize: batch, optimiser: AdamW(learningRate: rate))
    }
    let general = training(1, 1e-3, batch: 64)
    let inside = DistillationRecipe.tinyBERT(
      general: general, intermediate: training(2, 5e-4), prediction: training(3, 5e-4))
    var answers = DistillationRecipe.hinton(temperature: 2, alpha: 0.9, training: training(4, 5e-4))
    answers.general = inside.general
    return recipe == .tinyBERT ? inside : answers
  }
}
