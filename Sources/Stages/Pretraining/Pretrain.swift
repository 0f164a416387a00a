import Declaring
import Models
import Tensors
import Training

/// Trains a model to predict hidden tokens of raw text (Devlin et al. 2019): from nothing, or on from another model.
public struct Pretrain: Stage {
  public static let id = "pretrain.masked-lm"
  public static let version = 3

  /// What training starts from.
  enum Start: Codable, Sendable {
    case scratch(BertShape, vocabulary: Ref<Vocabulary>)
    case model(Ref<Model<EncoderOnly>>)
  }

  var start: Start
  var corpus: Ref<Corpus>
  var masking: TokenMasking
  var length: Int
  var training: TrainingOptions
  var seed: Seed

  /// Trains a new model.
  ///
  /// - Parameters:
  ///   - shape: such as `.bert(layers: 4, hidden: 128)`.
  ///   - length: longer passages are cut into pieces of this many tokens.
  ///   - shards: into how many pieces a batch is cut, each on a thread of its own (see `TrainingOptions.shards`).
  public init(
    _ shape: BertShape, vocabulary: Ref<Vocabulary>, on corpus: Ref<Corpus>, epochs: Int = 3, batch: Int = 32,
    learningRate: Double = 5e-4, warmup: Double = 0.1, weightDecay: Double = 0.01, length: Int = 128,
    masking: TokenMasking = TokenMasking(), shards: Int = 2, seed: Seed = .standard
  ) {
    self.init(
      start: .scratch(shape, vocabulary: vocabulary), corpus: corpus, masking: masking, length: length,
      training: TrainingOptions(
        epochs: epochs, batch: batch, learningRate: learningRate, warmup: warmup, weightDecay: weightDecay,
        shards: shards),
      seed: seed)
  }

  /// Goes on with a model of any kind; one without a masked-LM head gets a new one.
  ///
  /// - Parameter heads: what the model is trained to answer.
  public init<Kind: ModelKind>(
    _ model: Ref<Model<Kind>>, heads: PretrainingHeads = .maskedLM, on corpus: Ref<Corpus>, epochs: Int = 3,
    batch: Int = 32, learningRate: Double = 1e-4, warmup: Double = 0.1, weightDecay: Double = 0.01, length: Int = 128,
    masking: TokenMasking = TokenMasking(), shards: Int = 2, seed: Seed = .standard
  ) {
    self.init(
      start: .model(model.encoder), corpus: corpus, masking: masking, length: length,
      training: TrainingOptions(
        epochs: epochs, batch: batch, learningRate: learningRate, warmup: warmup, weightDecay: weightDecay,
        shards: shards),
      seed: seed)
  }

  /// With every value of the recipe.
  init(
    start: Start, corpus: Ref<Corpus>, masking: TokenMasking, length: Int, training: TrainingOptions, seed: Seed
  ) {
    self.start = start
    self.corpus = corpus
    self.masking = masking
    self.length = length
    self.training = training
    self.seed = seed
  }

  public var resources: Resources { Resources(cores: training.shards) }

  public func forecast(_ forecast: inout Forecast) -> Facts {
    forecast.check(training)
    forecast.check(masking)
    var facts: Facts
    switch start {
    case .scratch(let shape, let vocabulary):
      shape.check(&forecast, field: "shape")
      facts = shape.facts
      facts.vocabulary = forecast[vocabulary].vocabulary
      facts.tokenizer = forecast[vocabulary].tokenizer
    case .model(let model):
      facts = forecast[model]
      forecast.check(trainable: facts, field: "model")
      facts.parameters = nil
      facts.labels = nil
    }
    forecast.check(length: length, positions: facts.positions)
    return facts
  }

  public func run(_ context: StageContext) async throws -> Model<MaskedLM> {
    let seed = context.seed(seed)
    let model = try initial(context, seed: seed)
    let tokenizer = model.tokenizer
    guard let mask = tokenizer.mask else {
      throw RetortError(
        "pretrain.no-mask", "The vocabulary has no token that hides others ([MASK]).",
        remedy: "Train a vocabulary with TrainVocabulary, or import a BERT checkpoint.")
    }
    let texts = try EncodedTexts(passages: context.load(corpus).passages(), by: tokenizer, longest: length)
    var counts: [Int] = []
    if masking.rarity != 0 {
      counts = [Int](repeating: 0, count: tokenizer.vocabularySize)
      for id in texts.ids.joined() { counts[Int(id)] += 1 }
    }
    let masker = TokenMasker(
      masking, seed: seed, mask: mask, specials: tokenizer.specialIDs, vocabulary: tokenizer.vocabularySize,
      counts: counts)
    let team = ThreadTeam(context.threads)
    let trained = try train(
      MaskedLMTask(model.bert, texts: texts, masker: masker), values: model.values, options: training, seed: seed,
      context: context, team: team)
    return try StoredModel(model.bert, values: trained, tokenizer: tokenizer).published(by: context)
  }

  private func initial(_ context: StageContext, seed: UInt64) throws -> StoredModel {
    switch start {
    case .scratch(let shape, let vocabulary):
      let tokenizer = try TokenizerFolder.read(context.load(vocabulary).folder)
      let bert = try rethrowing {
        try Bert(shape.configuration(vocabulary: tokenizer.vocabularySize), head: .maskedLM)
      }
      return StoredModel(bert, values: bert.initialValues(seed: seed), tokenizer: tokenizer)
    case .model(let model):
      return try StoredModel(reading: context.load(model).folder).replacingHead(.maskedLM, seed: seed)
    }
  }
}

/// What pretraining teaches a model to answer.
public enum PretrainingHeads: Sendable, Hashable {
  /// Hidden tokens. The decoder is the word embeddings, so only its transform and bias are new.
  case maskedLM
}
