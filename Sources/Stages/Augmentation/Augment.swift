import Declaring
import Models
import Tensors
import Training

/// Adds variants of its examples to a data set: what a student learns its teacher's answers from.
///
/// ```swift
/// let more = stage("more", Augment(reviews, recipe: .tinyBERT(copies: 20), with: language))
/// let student = stage("student", TaskDistill(teacher, into: .bert(layers: 2, hidden: 64), on: more))
/// ```
/// Given a task's splits it returns splits: more examples to learn from, and the same dev and test parts. Each example
/// stays, with its variants behind it; a text is never added twice, nor where it is an example already.
///
/// New examples have the label of the one they come from (Jiao et al. 2020). A teacher answers for them all the same:
/// distillation computes its logits on the new texts. Where a rule may take away what a label rests on, as masking does,
/// `labels: .none` leaves them to the teacher alone (Tang et al. 2019).
public struct Augment<Input: AugmentableData>: Stage {
  public static var id: String {
    Self.takesExamples ? "augment.\(Input.Kind.name)" : "augment.\(Input.Kind.name)-splits"
  }
  public static var version: Int { 2 }
  /// Splits have their training part augmented inside: another dev part costs nothing.
  public static var uses: [any Stage.Type] { Self.takesExamples ? [] : [Augment<TaskData<Input.Kind>>.self] }

  var data: Ref<Input>
  var technique: AugmentationTechnique
  var labels: VariantLabels
  var seed: Seed

  /// Masks words, replaces them within their part of speech, and samples n-grams (Tang et al. 2019).
  ///
  /// - Parameters:
  ///   - data: examples, or a task's splits.
  ///   - recipe: `.distilledBiLSTM(partsOfSpeech: .conllu("en.conllu"))`.
  ///   - labels: of new examples.
  public init(
    _ data: Ref<Input>, recipe: DistilledBiLSTMRecipe, labels: VariantLabels = .copied, seed: Seed = .standard
  ) {
    self.init(data, .distilledBiLSTM(recipe), labels, seed)
  }

  /// Exchanges content words for candidates of a masked language model and of word vectors (Jiao et al. 2020).
  ///
  /// - Parameters:
  ///   - data: examples, or a task's splits.
  ///   - recipe: `.tinyBERT(copies: 20, candidates: 15, probability: 0.4)`.
  ///   - language: a model with a masked-LM head, such as `Pretrain` gives. It reads each text twice: the best has
  ///     positions for twice the longest text.
  ///   - labels: of new examples.
  public init(
    _ data: Ref<Input>, recipe: TinyBERTRecipe, with language: Ref<Model<MaskedLM>>, labels: VariantLabels = .copied,
    seed: Seed = .standard
  ) {
    self.init(data, .tinyBERT(recipe, language: language), labels, seed)
  }

  private init(_ data: Ref<Input>, _ technique: AugmentationTechnique, _ labels: VariantLabels, _ seed: Seed) {
    self.data = data
    self.technique = technique
    self.labels = labels
    self.seed = seed
  }

  /// Whether the input is examples alone rather than a task's splits.
  private static var takesExamples: Bool { Input.self == TaskData<Input.Kind>.self }

  /// Candidates of a language model are asked for in batches that threads share.
  public var resources: Resources { Resources(cores: 2) }

  public func forecast(_ forecast: inout Forecast) -> Facts {
    switch technique {
    case .distilledBiLSTM(let recipe): recipe.check(&forecast)
    case .tinyBERT(let recipe, let language): recipe.check(&forecast, language: forecast[language])
    }
    let whole = forecast[data]
    var training = Self.takesExamples ? whole : whole.port("train")
    // How many are new is known once they are made.
    training.examples = nil
    return Input.facts(whole, training: training)
  }

  public func run(_ context: StageContext) async throws -> Input {
    let training = Input.training(of: data)
    guard Self.takesExamples else {
      let inside = Augment<TaskData<Input.Kind>>(training, technique, labels, seed)
      return try context.load(data).replacingTraining(by: try await context.run(inside))
    }
    return try context.load(data).replacingTraining(by: try augmented(context.load(training), context))
  }

  private func augmented(_ data: TaskData<Input.Kind>, _ context: StageContext) throws -> TaskData<Input.Kind> {
    let examples = try data.examples()
    let seed = context.seed(seed)
    let augmenter: any Augmenter =
      switch technique {
      case .distilledBiLSTM(let recipe): try recipe.augmenter(examples, seed: seed, context)
      case .tinyBERT(let recipe, let language):
        try recipe.augmenter(context.load(language).folder, seed: seed, context)
      }
    let variants = try run(AugmentationRun(examples, by: augmenter, on: ThreadTeam(context.threads)), context)
    let all = variants.joined(with: examples, labels: labels)
    context.record("examples", Double(all.count))
    context.record("new examples", Double(all.count - examples.count))
    if variants.cutTexts > 0 {
      context.record("cut masked texts", Double(variants.cutTexts))
      context.log("\(variants.cutTexts) masked texts were too long; the language model saw the part around the mask")
    }
    return try TaskData(writing: all, labels: data.schema().labels, to: context.folder())
  }

  private func run(_ run: AugmentationRun, _ context: StageContext) throws -> VariantGroup {
    var run = run
    if let snapshot = try context.restore()?.sections["variants"] {
      try run.restore(snapshot)
      context.log("going on after example \(run.count) of \(run.examples.count)")
    }
    while !run.isFinished {
      try run.advance()
      context.report(Progress(Double(run.count), of: Double(run.examples.count), unit: "examples"))
      try context.checkCancellation()
      try context.checkpoint { Snapshot(["variants": run.done.bytes]) }
    }
    return run.done
  }
}

/// What makes the variants, with the models that it needs.
enum AugmentationTechnique: Sendable, Codable {
  case distilledBiLSTM(DistilledBiLSTMRecipe)
  case tinyBERT(TinyBERTRecipe, language: Ref<Model<MaskedLM>>)
}
