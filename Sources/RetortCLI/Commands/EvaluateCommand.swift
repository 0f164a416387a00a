import ArgumentParser
import Models
import Retort
import Tensors
import Training

/// Measures a model on a file.
struct EvaluateCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Measure a model, of a folder or of the cache, on a file of labelled examples.",
    discussion: """
      What is measured follows from the model's head: accuracy of a classifier, Spearman's correlation of a regressor, \
      entity F1 of a tagger. A model of one output is a ranker where --group or --task ranking says so. Every score has \
      its 95 % interval; with --against the difference has a paired one.

      EXAMPLES
        retort evaluate out/sst2 --data dev.tsv --text sentence
        retort evaluate int8 --data dev.tsv --text sentence --against teacher --predictions int8.tsv
        retort evaluate mrpc --data dev.csv --text a --pair b --label same --metric f1
        retort evaluate tagger --data test.conll
        retort evaluate ranker --data test.tsv --text question --pair answer --group id --metric mrr
      """)

  @Argument(help: "A model's folder, or a label or the beginning of a digest in the cache.") var model: String
  @OptionGroup var file: LabelledFile
  @Option(help: "What the model does. (default: by its head)") var task: TaskForm?
  @Option(help: "The score to state first, such as f1, matthews, mrr or ndcg@10.") var metric: TaskMetric?
  @Option(help: ArgumentHelp("Another model, to compare with on the same examples.", valueName: "model"))
  var against: String?
  @Option(
    help: ArgumentHelp("Write index, label, prediction and logits of each example there, as TSV.", valueName: "file"),
    completion: .file())
  var predictions: String?
  @Option(help: ArgumentHelp("Longer texts are cut. (default: what the model can read)", valueName: "tokens"))
  var longest: Int?
  @Flag(name: .shortAndLong, help: "Say nothing of the throughput.") var quiet = false
  @OptionGroup var cache: CacheOptions
  @OptionGroup var output: JSONOption

  mutating func validate() throws {
    if let longest, longest < 3 { throw ValidationError("--longest must be at least 3, and is \(longest).") }
  }

  func execute() async throws -> ProgramStatus {
    let team = ThreadTeam(Machine.cores)
    func answerer(_ name: String) throws -> TaskAnswerer {
      try TaskAnswerer(reading: ModelPlace.find(name, cache: cache.cache), team: team, length: longest)
    }
    let model = try answerer(model)
    let form = try form(of: model)
    if let fault = metric?.fault(for: form) {
      throw RetortError(
        "metric.form", fault, remedy: "Use one of \(TaskMetric.names(of: form).joined(separator: ", ")).",
        at: Place(field: "--metric"))
    }
    let examples = try file.examples(of: form, labels: model.labels)
    let (answers, seconds) = try answers(of: model, to: examples, form)
    let reference = try against.map { name in
      let other = try answerer(name)
      try other.require(form, labels: model.labels)
      return try self.answers(of: other, to: examples, form).0
    }
    let figures = try EvaluationFigures(of: answers, metric: metric, against: reference)
    if let predictions { try Files.replace(FilePath(predictions), with: answers.file, isDurable: false) }
    let report = EvaluationReport(figures: figures, sentencesPerSecond: Double(examples.count) / max(seconds, 1e-9))
    if output.json {
      Streams.outputLine(report.json.line)
    } else {
      for line in report.lines(against: against) { Streams.outputLine(line) }
    }
    if !quiet { Streams.errorLine(report.throughput(seconds)) }
    return .fine
  }

  private func answers(
    of model: TaskAnswerer, to examples: [LabelledExample], _ form: TaskForm
  ) throws -> (TaskPredictions, seconds: Double) {
    let encoded = try model.encoded(examples, form: form, names: form.hasLabels ? model.labels : [])
    if encoded.texts.truncated > 0, !quiet {
      Streams.errorLine("\(Figures.count(encoded.texts.truncated)) texts were cut to \(model.length) tokens.")
    }
    var answers: TaskPredictions?
    let time = try ContinuousClock().measure { answers = try model.predictions(for: encoded) }
    guard let answers else { throw RetortError("evaluate.empty", "There are no answers.", blame: .internal) }
    return (answers, time.seconds)
  }

  private func form(of model: TaskAnswerer) throws -> TaskForm {
    let usual: TaskForm? =
      switch model.head {
      case .classifier: .classification
      case .tagger: .tagging
      case .regression: file.group == nil && metric?.form != .ranking ? .regression : .ranking
      case .encoder, .maskedLM: nil
      }
    guard let form = task ?? usual else {
      throw RetortError(
        "evaluate.head", "The model's head, \(model.head.words), answers no task.", remedy: "Fine-tune it first.",
        at: Place(field: "model"))
    }
    try model.require(form, labels: model.labels)
    return form
  }
}

extension TaskForm: ExpressibleByArgument {}

extension TaskMetric: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }

  public static var allValueStrings: [String] { TaskForm.allCases.flatMap { names(of: $0) } }
}
