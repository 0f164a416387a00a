/// What stands on the encoder.
public enum BertHead: Sendable, Equatable, Hashable, Codable {
  /// Nothing but the pooler (`BertModel`).
  case encoder
  /// Masked-LM head with the decoder tied to the word embeddings (`BertForMaskedLM`: no pooler).
  case maskedLM
  /// Pooler, dropout and a linear layer over the classes (`BertForSequenceClassification`).
  case classifier(labels: Int)
  /// The same with a single output and a squared error.
  case regression

  /// Columns of the logits of pooled heads; 0 for the others.
  public var outputs: Int {
    switch self {
    case .encoder, .maskedLM: 0
    case .classifier(let labels): labels
    case .regression: 1
    }
  }

  /// Whether the model has `bert.pooler.dense`.
  public var hasPooler: Bool { self != .maskedLM }
}
