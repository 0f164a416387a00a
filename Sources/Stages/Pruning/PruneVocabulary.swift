import Declaring
import Models
import Training

/// Keeps the words of a model that texts need, and drops the others' embeddings (TextPruner, Yang et al. 2022).
///
/// What stays: the special tokens, those that occur often enough, and those of the user's. Hidden states of texts whose
/// tokens all stay keep their bits. Do it last before quantizing: models of unlike vocabularies cannot be distilled into
/// one another.
///
/// ```swift
/// let last = stage("last", PruneVocabulary(small, keeping: reviews))
/// ```
public struct PruneVocabulary<Kind: ModelKind>: Stage {
  public static var id: String { "prune.vocabulary.\(Kind.name)" }
  public static var version: Int { 1 }

  var model: Ref<Model<Kind>>
  var texts: [VocabularyTexts]
  var minimumCount: Int
  var also: [String]
  var allowsNoText: Bool

  /// - Parameters:
  ///   - texts: `.corpus(text)`, `.examples(reviews.train)`; their tokens are counted whole.
  ///   - minimumCount: how often a token must occur.
  ///   - also: tokens (`##ing`) or texts whose tokens are kept whatever their counts.
  ///   - allowsNoText: keep the special tokens and `also` alone where the texts have no tokens, instead of failing.
  public init(
    _ model: Ref<Model<Kind>>, keeping texts: VocabularyTexts..., minimumCount: Int = 1, also: [String] = [],
    allowsNoText: Bool = false
  ) {
    self.init(model, texts: texts, minimumCount: minimumCount, also: also, allowsNoText: allowsNoText)
  }

  /// Keeps what a corpus needs.
  public init(
    _ model: Ref<Model<Kind>>, keeping corpus: Ref<Corpus>, minimumCount: Int = 1, also: [String] = [],
    allowsNoText: Bool = false
  ) {
    self.init(
      model, texts: [.corpus(corpus)], minimumCount: minimumCount, also: also, allowsNoText: allowsNoText)
  }

  /// Keeps what the training and the dev part of a task need; the test part is not looked at.
  public init<Task: TaskKind>(
    _ model: Ref<Model<Kind>>, keeping task: Ref<TaskSplits<Task>>, minimumCount: Int = 1,
    also: [String] = [], allowsNoText: Bool = false
  ) {
    self.init(
      model, texts: [.examples(task.train), .examples(task.dev)], minimumCount: minimumCount, also: also,
      allowsNoText: allowsNoText)
  }

  /// With every value of the recipe.
  init(
    _ model: Ref<Model<Kind>>, texts: [VocabularyTexts], minimumCount: Int, also: [String], allowsNoText: Bool
  ) {
    self.model = model
    self.texts = texts
    self.minimumCount = minimumCount
    self.also = also
    self.allowsNoText = allowsNoText
  }

  public func forecast(_ forecast: inout Forecast) -> Facts {
    var facts = forecast[model]
    if let precision = facts.precision {
      forecast.require(
        precision == "f32", "model", "The model is \(precision): its embeddings are integers.",
        remedy: "Prune the vocabulary before quantization.")
    }
    forecast.require(
      minimumCount >= 1, "minimumCount", "A token must occur \(minimumCount) times.", remedy: "Give 1 or more.")
    forecast.require(
      !also.contains(""), "also", "An empty text has no tokens.", remedy: "Leave it out.")
    if !allowsNoText {
      let sizes = texts.map { $0.examples(in: forecast) }
      forecast.require(
        !sizes.allSatisfy { $0 == 0 }, "texts", "There is no text, so only special tokens would be left.",
        remedy: "Give texts of the task, or say allowsNoText.")
    }
    (facts.vocabulary, facts.tokenizer, facts.parameters) = (nil, nil, nil)
    facts.hasPrunedVocabulary = true
    return facts
  }

  public func run(_ context: StageContext) async throws -> Model<Kind> {
    let input = try context.load(model).folder
    let checkpoint = try BertCheckpoint(folder: input)
    let tokenizer = try ModelFolder.tokenizer(of: input, for: checkpoint.bert.configuration).wordPiece(
      "Vocabulary pruning")
    var usage = VocabularyUsage(tokenizer)
    for source in texts {
      let texts = try source.texts(context)
      for (index, text) in texts.enumerated() {
        usage.add(text)
        guard index % 1_024 == 0 else { continue }
        context.report(Progress(Double(index), of: Double(texts.count), unit: "texts"))
        try context.checkCancellation()
      }
    }
    guard usage.total > 0 || allowsNoText else {
      throw RetortError(
        "prune.no-text", "The texts have no tokens, so only special ones would be left.",
        remedy: "Give texts of the task, or say allowsNoText.", at: Place(field: "texts"))
    }
    let kept = try usage.kept(minimumCount: minimumCount, also: also)
    let smaller = try rethrowing { try checkpoint.keeping(words: kept) }
    let (before, coverage) = (checkpoint.bert.configuration.vocabularySize, usage.coverage(of: kept))
    context.log("\(kept.count) of \(before) words stay; \(coverage * 100) % of the texts' tokens are among them")
    context.record("tokens", Double(kept.count))
    context.record("share of the texts' tokens", coverage)
    let folder = try context.folder()
    try smaller.write(to: folder)
    let words = try tokenizer.keeping(kept)
    try words.write(to: folder)
    return Model(folder: folder, facts: StoredModel(smaller.bert, values: smaller.values, tokenizer: words).facts)
  }
}
