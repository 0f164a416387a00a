import Declaring
import Training

/// Everything that a model card prints, as plain values.
struct CardContent: Hashable {
  var title: String
  var license: String?
  var baseModel: String?
  /// How it relates to `baseModel`, in the words of hubs.
  var relation: String?
  var languages: [String] = []
  var datasets: [String] = []
  /// The task in the words of hubs, such as `text-classification`.
  var task: String
  /// The class of transformers that loads it; nil where it has no form for that.
  var loader: String?
  /// Whether the folder has an ONNX file.
  var hasONNX: Bool
  /// Whether Retort reads the folder.
  var isForRetort: Bool
  /// What it is, such as “classifier”.
  var kind: String
  var facts: Facts
  /// The model that `facts` and the files are a dense equivalent of; nil where they are that model.
  var original: Original?
  /// Of all files of the model.
  var bytes: Int
  var digest: Digest
  var results: [Result] = []
  var steps: [Step] = []
  var sources: [Source] = []

  /// Figures on one set of data.
  struct Result: Hashable {
    /// What the data are called in the pipeline.
    var data: String
    var digest: Digest?
    var examples: Int
    var metrics: [CardMetric]
  }

  /// A model that the folder's weights only stand for.
  struct Original: Hashable {
    var isPruned: Bool
    var isQuantized: Bool
    var bytes: Int
    var digest: Digest
  }

  struct Step: Hashable {
    var label: String
    var stage: StageIdentity
    var inputs: [String]
    var options: String
    var digests: [String]
  }

  struct Source: Hashable {
    var label: String
    var option: String
    var name: String
    var digest: Digest
  }
}

/// A figure of a model card.
struct CardMetric: Hashable {
  /// In the words of hubs: `accuracy`, `f1`.
  var type: String
  var name: String
  var value: Double
  var interval: Interval?
}

extension Evaluation {
  /// The figures for a model card.
  var cardMetrics: [CardMetric] {
    var metrics = ([figures.primary] + figures.others).map { figure in
      CardMetric(
        type: figure.metric.hubName, name: figure.metric.words, value: figure.value, interval: figure.interval)
    }
    if let agreement = figures.agreement {
      metrics.append(CardMetric(type: "agreement", name: "agreement with the reference", value: agreement))
    }
    return metrics
  }
}

extension TaskMetric {
  /// The name that hubs group figures by.
  fileprivate var hubName: String {
    switch self {
    case .accuracy, .tagAccuracy: "accuracy"
    case .f1, .macroF1, .weightedF1, .entityF1, .strictEntityF1: "f1"
    case .matthews: "matthews_correlation"
    case .calibrationError, .adaptiveCalibrationError: "calibration_error"
    case .brier: "brier_score"
    case .pearson: "pearsonr"
    case .spearman: "spearmanr"
    case .meanSquaredError: "mse"
    case .entityPrecision, .precision: "precision"
    case .entityRecall, .recall: "recall"
    case .ndcg, .exponentialNDCG: "ndcg"
    case .mrr: "mrr"
    case .map: "map"
    }
  }
}

extension CardContent {
  /// Gathers what a run knows of an exported model.
  ///
  /// - Parameters:
  ///   - name: the destination's last part.
  ///   - forms: what the folder holds.
  ///   - exported: the model as the stage found it.
  init<Kind: ModelKind>(
    _ card: ModelCard, of kind: Kind.Type, name: String, forms: [ExportForm], exported: ArtifactRecord?,
    account: DeliveryAccount
  ) throws {
    let own = account.steps.last?.outputs[""]
    facts = own?.facts ?? .unknown
    (bytes, digest) = (own?.bytes ?? 0, own?.digest ?? Digest(of: []))
    original = forms.contains(.huggingFace) ? exported.flatMap(Self.original) : nil
    let imports = account.steps.filter { $0.stage.id.hasPrefix("import.checkpoint.") }
    let imported = imports.count == 1 ? imports.first?.outputs[""]?.facts : nil
    title = card.title ?? name
    license = card.license ?? imported?.licence
    baseModel = card.baseModel ?? imported?.origin
    let ids = account.steps.map(\.stage.id)
    relation = baseModel.map { _ in ids.contains { $0.hasPrefix("quantize.") } ? "quantized" : "finetune" }
    (languages, datasets) = (card.languages, card.datasets)
    let form = Self.form(of: Kind.name)
    (task, self.kind) = (form.task, form.noun)
    loader = forms.contains(.huggingFace) ? form.loader : nil
    (hasONNX, isForRetort) = (
      forms.contains { $0.rawValue == "onnx" }, forms.contains(.huggingFace) || forms.contains(.retort)
    )
    for reference in card.evaluations {
      let evaluation = try account.load(reference)
      let data = account.step(of: reference).flatMap { Self.data(of: $0, in: account) }
      results.append(
        Result(
          data: data?.name ?? "the data of the evaluation", digest: data?.digest, examples: evaluation.examples,
          metrics: evaluation.cardMetrics))
    }
    steps = account.steps.dropLast().map { Self.row($0, in: account) }
    sources = account.steps.flatMap { step in
      step.sources.map {
        Source(
          label: step.label, option: $0.option, name: $0.path.lastComponent?.string ?? "", digest: $0.digest)
      }
    }
  }

  private static func original(_ record: ArtifactRecord) -> Original? {
    guard !record.facts.isOfPlainModel else { return nil }
    return Original(
      isPruned: record.facts.hasUnlikeBlocks, isQuantized: record.facts.isQuantized, bytes: record.bytes,
      digest: record.digest)
  }

  /// The labelled data that an evaluation read.
  private static func data(
    of evaluation: DeliveryAccount.Step, in account: DeliveryAccount
  ) -> (name: String, digest: Digest?)? {
    for input in evaluation.inputs {
      let giver = account.steps[input.step]
      guard let record = giver.outputs[input.edge.port], record.kind.hasPrefix("data.") else { continue }
      return (title(of: giver.label, input.edge.port), record.digest)
    }
    return nil
  }

  private static func title(of label: String, _ port: String) -> String { port.isEmpty ? label : "\(label), \(port)" }

  private static func row(_ step: DeliveryAccount.Step, in account: DeliveryAccount) -> Step {
    let options = step.options.filter { !["nil", "[]", "{}"].contains($0.value) }.map { "\($0.name) = \($0.value)" }
    var text = ""
    for option in options {
      guard text.count + option.count <= 240 else {
        text += ", …"
        break
      }
      text += (text.isEmpty ? "" : ", ") + option
    }
    let digests = step.outputs.sorted { $0.key < $1.key }.map { port, record in
      (port.isEmpty ? "" : "\(port) ") + record.digest.short
    }
    let inputs = step.inputs.map { title(of: account.steps[$0.step].label, $0.edge.port) }
    return Step(label: step.label, stage: step.stage, inputs: inputs, options: text, digests: digests)
  }

  private static func form(of kind: String) -> (task: String, loader: String, noun: String) {
    switch kind {
    case MaskedLM.name: ("fill-mask", "AutoModelForMaskedLM", "masked language model")
    case Classifier.name: ("text-classification", "AutoModelForSequenceClassification", "classifier of texts")
    case Regressor.name: ("text-classification", "AutoModelForSequenceClassification", "regressor of texts")
    case Ranker.name: ("text-ranking", "AutoModelForSequenceClassification", "ranker of passages")
    case Tagger.name: ("token-classification", "AutoModelForTokenClassification", "tagger of tokens")
    default: ("feature-extraction", "AutoModel", "encoder of texts")
    }
  }
}
