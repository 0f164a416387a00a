/// A comparison of what two models hold inside: a feature of mapped layers, a loss, and how it is averaged.
public struct Match: Sendable, Hashable, Codable {
  public var feature: MatchFeature
  public var loss: MatchLoss
  /// Which layers; of no effect on the embeddings.
  public var map: LayerMap
  public var projection: ProjectionUse
  public var mean: MatchMean
  /// Whether the layers' losses are added or averaged.
  public var layers: LayerReduction
  public var weight: Double
  public var schedule: WeightSchedule

  public init(
    _ feature: MatchFeature, _ loss: MatchLoss = .squared, map: LayerMap = .uniform, projection: ProjectionUse = .none,
    mean: MatchMean = .tokens, layers: LayerReduction = .sum, weight: Double = 1, schedule: WeightSchedule = .constant
  ) {
    self.feature = feature
    self.loss = loss
    self.map = map
    self.projection = projection
    self.mean = mean
    self.layers = layers
    self.weight = weight
    self.schedule = schedule
  }

  public enum LayerReduction: String, Sendable, Codable { case sum, mean }
}

/// What is compared.
public enum MatchFeature: String, Sendable, Codable {
  /// The embeddings' output, [tokens, hidden].
  case embeddings
  /// The output of each mapped block, [tokens, hidden].
  case hiddenStates
  /// The same of each text's first token ([CLS]) alone, [texts, hidden].
  case firstTokens
  /// Raw attention scores, query · keyᵀ / √size before the softmax, [heads, length, length] a text.
  case attentionScores
  /// x · xᵀ / √size of each head's queries, keys or values (MiniLM), [heads, length, length] a text.
  case queryRelation, keyRelation, valueRelation

  /// Whether it is a matrix of tokens by tokens for each head.
  var isAttention: Bool {
    switch self {
    case .embeddings, .hiddenStates, .firstTokens: false
    case .attentionScores, .queryRelation, .keyRelation, .valueRelation: true
    }
  }
}

/// How two features are compared. Names in brackets are those of the literature's losses.
public enum MatchLoss: Sendable, Hashable, Codable {
  /// Squared difference over all elements: hidden-state MSE, attention-score MSE.
  case squared
  /// 1 − cosine of each row (DistilBERT).
  case cosine
  /// Squared difference of rows of length 1 (BERT-PKD); over the elements' number as well where `perElement`.
  case unitSquared(perElement: Bool)
  /// Squared difference of rows with mean 0 and deviation 1 (MobileBERT's code).
  case standardSquared(epsilon: Double = 1e-12)
  /// `means` · squared difference of the rows' means + `variances` · absolute difference of their variances (MobileBERT).
  case moments(means: Double, variances: Double)
  /// Squared difference of aᵀ · b / length, of each mapped layer with the next (flow of solution procedure).
  case featureGram
  /// Squared difference of a · bᵀ, over the width or the length, of each mapped layer with the next (neuron selectivity).
  case tokenGram(over: GramDivisor)
  /// Divergence of the softmaxes of both rows: of hidden vectors (XtremeDistil) or of scores over keys (MobileBERT, MiniLM).
  case divergence(SoftTerm.Divergence)
  /// Squared difference of scores after the heads were added up; the models may have unlike numbers of heads.
  case headSumSquared
  /// Divergence over keys of scores averaged over the heads; the models may have unlike numbers of heads.
  case headMeanDivergence(SoftTerm.Divergence)

  public enum GramDivisor: String, Sendable, Codable { case width, length }

  /// Whether models with unlike numbers of heads can be compared.
  var allowsUnlikeHeads: Bool {
    switch self {
    case .headSumSquared, .headMeanDivergence: true
    default: false
    }
  }
}

/// What a sum over tokens is divided by, beside the width (hidden states) or the heads (scores).
public enum MatchMean: String, Sendable, Codable {
  /// Real tokens of the batch; real pairs of tokens for squared scores.
  case tokens
  /// Texts × the longest text's tokens, as in a padded batch whose mean counts padding (TinyBERT's code). The padding
  /// itself adds nothing here.
  case padded
  /// The mean inside each text, then over texts: long texts do not count for more.
  case texts
}
