import Retort

/// Fine-tunes a checkpoint on a public task of one of four kinds, and evaluates it on the part that people report.
///
///     swift run -c release tasks --task stsb --model models/minilm --data data
@main
struct Tasks: PipelineProgram {
  static let abstract =
    "Imports a checkpoint and a public task, fine-tunes, evaluates: classification, regression, tagging, ranking."

  @Option(help: "Which task.") var task: PublicTask
  @Option(help: "A checkpoint's folder.") var model: String
  @Option(help: "The folder that holds one folder a task.") var data: String
  @Option(help: "Times that every example is seen. (default: what suits the task)") var epochs: Int?
  @Option(help: "The highest learning rate.") var learningRate = 5e-5

  enum PublicTask: String, CaseIterable, ExpressibleByArgument { case sst2, stsb, mrpc, cola, wnut17, wikiqa, scifact }

  var body: Pipeline {
    let base = stage("base", ImportCheckpoint(model))
    let folder = "\(data)/\(task.rawValue)"
    switch task {
    case .sst2:
      // One pass over every labelled row, as other engines' scripts do it. A single epoch leaves nothing to choose, so
      // no row is kept back for that.
      let sentences = stage(
        "data",
        ImportTaskData(
          SourceFile("\(folder)/train.tsv"), dev: SourceFile("\(folder)/dev.tsv"),
          test: SourceFile("\(folder)/dev.tsv"), as: .glue(.sst2)))
      let training = TrainingOptions(
        epochs: epochs ?? 1, optimiser: AdamW(learningRate: learningRate, decaysAll: true),
        schedule: LearningRateSchedule(warmup: 0.1))
      let tuned = stage(
        "tuned", FineTune(base, train: sentences.train, dev: sentences.dev, length: 64, training: training))
      stage("evaluation", Evaluate(tuned, on: sentences.test, length: 64))
    case .stsb:
      let pairs = ImportTaskData(
        SourceFile("\(folder)/sts-train.csv"), test: SourceFile("\(folder)/sts-dev.csv"), as: .stsBenchmark,
        split: TaskSplit(dev: 0.1, test: 0))
      learn(base, stage("data", pairs), epochs: 4, by: .spearman)
    case .mrpc: learn(base, stage("data", ImportTaskData(.glue(.mrpc), at: folder)), epochs: 4, by: .f1)
    case .cola: learn(base, stage("data", ImportTaskData(.glue(.cola), at: folder)), epochs: 5, by: .matthews)
    case .wnut17:
      let tagged = ImportTaskData(
        SourceFile("\(folder)/wnut17train.conll"), test: SourceFile("\(folder)/emerging.dev.conll"), as: .conll(),
        split: TaskSplit(dev: 0.1, test: 0))
      learn(base, stage("data", tagged), epochs: 6, by: .entityF1)
    case .wikiqa:
      let answers = ImportTaskData(
        SourceFile("\(folder)/WikiQASent-train.txt"), test: SourceFile("\(folder)/WikiQASent-dev.txt"),
        as: .wikiQASentences, split: TaskSplit(dev: 0.1, test: 0))
      learn(base, stage("data", answers), epochs: 2, by: .mrr())
    case .scifact:
      // No part has judgements of its own: a fifth of the judged queries is kept aside.
      let found = ImportBEIR(
        at: folder, train: "qrels-train.tsv", candidates: 30, negatives: 4,
        split: TaskSplit(dev: 0.1, test: 0.2))
      learn(base, stage("data", found), epochs: 1, by: .ndcg(at: 10), length: 256)
    }
  }

  /// Training that is the same for all tasks.
  private func learn<Kind: LearnableTask>(
    _ base: Ref<Model<EncoderOnly>>, _ data: Ref<TaskSplits<Kind>>, epochs: Int, by metric: TaskMetric,
    length: Int = 128
  ) -> Ref<Evaluation> {
    let tuned = stage(
      "tuned",
      FineTune(
        base, on: data, epochs: self.epochs ?? epochs, learningRate: learningRate, length: length, metric: metric))
    return stage("evaluation", Evaluate(tuned, on: data.test, metric: metric, length: length))
  }
}
