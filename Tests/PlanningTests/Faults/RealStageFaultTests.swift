import Artifacts
import Declaring
import Planning
import RetortTesting
import Stages
import Testing

/// The usual beginning of a pipeline: data, vocabulary, language model, teacher.
private struct Parts {
  var task: Ref<TaskSplits<Classification>>
  var corpus: Ref<Corpus>
  var vocabulary: Ref<Vocabulary>
  var lm: Ref<Model<MaskedLM>>
  var teacher: Ref<Model<Classifier>>

  init(shape: BertShape = .bert(layers: 2, hidden: 64)) {
    task = stage("task", SampleReviews(train: 100, dev: 10, test: 10))
    corpus = stage("corpus", TaskText(task.train))
    vocabulary = stage("vocabulary", TrainVocabulary(on: corpus))
    lm = stage("lm", Pretrain(shape, vocabulary: vocabulary, on: corpus))
    teacher = stage("teacher", FineTune(lm, on: task))
  }
}

@Suite("Compression pipelines with one fault")
struct RealStageFaultTests {
  @Test("plan without a fault, as they are")
  func right() throws {
    let plan = try Planner(store: MemoryStore()).plan(
      pipeline {
        let parts = Parts()
        let student = stage("student", TaskDistill(parts.teacher, into: .blocks([1]), on: parts.task))
        let int8 = stage("int8", Quantize(student, .dynamicInt8))
        Compare(on: parts.task) {
          parts.teacher
          student
          int8
        }
        Export(student, to: "out")
      })
    #expect(plan.warnings.isEmpty)
    let student = try #require(plan.step(labelled: "student"))
    #expect(student.facts.layers == 1)
    #expect(student.facts.hidden == 64)
    #expect(student.facts.labels == ["negative", "positive"])
    #expect(plan.step(labelled: "int8")?.facts.precision == "int8")
  }

  @Test("is reported with its code, label and field", arguments: models + distillation + data)
  func wrong(_ wrong: WrongPipeline) throws { try wrong.check() }

  @Test("An unwise temperature is a warning, not a fault")
  func unwise() throws {
    let plan = try Planner(store: MemoryStore()).plan(
      pipeline {
        let parts = Parts()
        stage("student", TaskDistill(parts.teacher, into: .blocks([1]), on: parts.task, temperature: 50))
      })
    #expect(plan.warnings.map(\.description).filter { $0.contains("“student”, temperature") }.count == 1)
  }

  /// A fault of a model's shape or training, in the stage `lm` or `teacher`.
  static let models: [WrongPipeline] = [
    WrongPipeline("heads that do not divide the width", "plan.option", "lm", "shape.heads") { _, _ in
      pipeline { Parts(shape: .bert(layers: 2, hidden: 64, heads: 3)).teacher }
    },
    WrongPipeline("no layers", "plan.option", "lm", "shape.layers") { _, _ in
      pipeline { Parts(shape: .bert(layers: 0, hidden: 64)).lm }
    },
    WrongPipeline("a dropout of 1", "plan.option", "lm", "shape.dropout") { _, _ in
      pipeline { Parts(shape: .bert(layers: 2, hidden: 64, dropout: 1)).lm }
    },
    WrongPipeline("texts longer than the model takes", "plan.option", "tuned", "length") { _, _ in
      pipeline {
        let parts = Parts(shape: .bert(layers: 2, hidden: 64, positions: 128))
        stage("tuned", FineTune(parts.lm, on: parts.task, length: 129))
      }
    },
    WrongPipeline("texts without room", "plan.option", "tuned", "length") { _, _ in
      pipeline {
        let parts = Parts()
        stage("tuned", FineTune(parts.lm, on: parts.task, length: 2))
      }
    },
    WrongPipeline("no epochs", "plan.option", "tuned", "epochs") { _, _ in
      pipeline {
        let parts = Parts()
        stage("tuned", FineTune(parts.lm, on: parts.task, epochs: 0))
      }
    },
    WrongPipeline("too many shards", "plan.option", "tuned", "shards") { _, _ in
      pipeline {
        let parts = Parts()
        stage("tuned", FineTune(parts.lm, on: parts.task, shards: 65))
      }
    },
    WrongPipeline("more shards than the run has cores", "plan.resources", "tuned", "cores") { _, options in
      options.capacity = PlanOptions.Capacity(cores: 2)
      return pipeline {
        let parts = Parts()
        stage("tuned", FineTune(parts.lm, on: parts.task, shards: 4))
      }
    },
    WrongPipeline("a quantized model that is quantized again", "plan.option", "again", "model") { _, _ in
      pipeline { stage("again", Quantize(stage("int8", Quantize(Parts().teacher)))) }
    },
    WrongPipeline("a quantized model that is tuned", "plan.option", "tuned", "base") { _, _ in
      pipeline {
        let parts = Parts()
        stage("tuned", FineTune(stage("int8", Quantize(parts.teacher)), on: parts.task))
      }
    },
    WrongPipeline("a quantized model and its dense equivalent", "plan.option", "Export", "forms") { _, _ in
      pipeline { Export(stage("int8", Quantize(Parts().teacher)), as: .huggingFace, .retort, to: "out") }
    },
    WrongPipeline("an export to nowhere", "plan.option", "Export", "destination") { _, _ in
      pipeline { Export(Parts().teacher, to: "") }
    },
  ]

  static let distillation: [WrongPipeline] = [
    WrongPipeline("a temperature of 0", "plan.option", "student", "temperature") { _, _ in
      pipeline {
        let parts = Parts()
        stage("student", TaskDistill(parts.teacher, into: .blocks([0]), on: parts.task, temperature: 0))
      }
    },
    WrongPipeline("a temperature without end", "plan.option", "student", "temperature") { _, _ in
      pipeline {
        let parts = Parts()
        stage("student", TaskDistill(parts.teacher, into: .blocks([0]), on: parts.task, temperature: .infinity))
      }
    },
    WrongPipeline("a temperature that is NaN", "key.not-a-number", "student", "temperature") { _, _ in
      pipeline {
        let parts = Parts()
        stage("student", TaskDistill(parts.teacher, into: .blocks([0]), on: parts.task, temperature: .nan))
      }
    },
    WrongPipeline("a teacher's share above 1", "plan.option", "student", "alpha") { _, _ in
      pipeline {
        let parts = Parts()
        stage("student", TaskDistill(parts.teacher, into: .blocks([0]), on: parts.task, alpha: 1.5))
      }
    },
    WrongPipeline("blocks that the teacher lacks", "plan.option", "student", "student") { _, _ in
      pipeline {
        let parts = Parts()
        stage("student", TaskDistill(parts.teacher, into: .blocks([1, 2]), on: parts.task))
      }
    },
    WrongPipeline("blocks out of order", "plan.option", "student", "student") { _, _ in
      pipeline {
        let parts = Parts()
        stage("student", TaskDistill(parts.teacher, into: .blocks([1, 0]), on: parts.task))
      }
    },
    WrongPipeline("a student whose heads do not divide its width", "plan.option", "student", "student.heads") { _, _ in
      pipeline {
        let parts = Parts()
        stage("student", TaskDistill(parts.teacher, into: .bert(layers: 1, hidden: 32, heads: 5), on: parts.task))
      }
    },
    WrongPipeline("a quantized teacher", "plan.option", "student", "teacher") { _, _ in
      pipeline {
        let parts = Parts()
        stage("student", TaskDistill(stage("int8", Quantize(parts.teacher)), into: .blocks([0]), on: parts.task))
      }
    },
    WrongPipeline("a teacher of other labels", "plan.option", "student", "train") { folder, _ in
      let file = try folder.file("t.tsv", "text\tlabel\n")
      return pipeline {
        let other = stage(
          "other", ImportTaskData(SourceFile(file), as: .tsv(labels: [.init("good"), .init("bad"), .init("ugly")])))
        stage("student", TaskDistill(Parts().teacher, into: .blocks([0]), on: other))
      }
    },
  ]

  static let data: [WrongPipeline] = [
    WrongPipeline("a missing table", "file.missing", "table", "train") { folder, _ in
      pipeline { stage("table", ImportTaskData(SourceFile(folder.path.appending("none.tsv")))) }
    },
    WrongPipeline("a missing dev table", "file.missing", "table", "dev") { folder, _ in
      let file = try folder.file("t.tsv", "text\tlabel\n")
      return pipeline {
        stage("table", ImportTaskData(SourceFile(file), dev: SourceFile(folder.path.appending("none.tsv"))))
      }
    },
    WrongPipeline("one class only", "plan.option", "table", "format.labels") { folder, _ in
      let file = try folder.file("t.tsv", "text\tlabel\n")
      return pipeline { stage("table", ImportTaskData(SourceFile(file), as: .tsv(labels: [.init("good")]))) }
    },
    WrongPipeline("a share above 1", "plan.option", "table", "split") { folder, _ in
      let file = try folder.file("t.tsv", "text\tlabel\n")
      return pipeline { stage("table", ImportTaskData(SourceFile(file), split: TaskSplit(dev: 0.5, test: 0.5))) }
    },
    WrongPipeline("a missing text", "file.missing", "text", "files[1]") { folder, _ in
      let file = try folder.file("a.txt", "x\n")
      return pipeline {
        stage("text", ImportText([SourceFile(file), SourceFile(folder.path.appending("none.txt"))]))
      }
    },
    WrongPipeline("no text", "plan.option", "text", "files") { _, _ in pipeline { stage("text", ImportText([])) } },
    WrongPipeline("a vocabulary of nothing", "plan.option", "words", "corpora") { _, _ in
      pipeline { stage("words", TrainVocabulary()) }
    },
    WrongPipeline("a vocabulary that is too small", "plan.option", "words", "size") { _, _ in
      pipeline { stage("words", TrainVocabulary(on: Parts().corpus, size: 5)) }
    },
    WrongPipeline("no sample reviews", "plan.option", "task", "train") { _, _ in
      pipeline { stage("task", SampleReviews(train: 0)) }
    },
    WrongPipeline("a comparison of nothing", "plan.option", "Compare", "models") { _, _ in
      pipeline { Compare(on: Parts().task) {} }
    },
    WrongPipeline("a benchmark of no sentences", "plan.option", "speed", "sentences") { _, _ in
      pipeline {
        let parts = Parts()
        stage("speed", Benchmark(parts.teacher, on: parts.task.test, sentences: 0))
      }
    },
  ]
}
