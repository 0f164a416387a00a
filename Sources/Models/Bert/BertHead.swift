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
  /// Dropout and a linear layer over the classes on each token (`BertForTokenClassification`: no pooler).
  case tagger(labels: Int)

  /// Columns of the logits of a text or, for a tagger, of a token; 0 for heads without.
  public var outputs: Int {
    switch self {
    case .encoder, .maskedLM: 0
    case .classifier(let labels), .tagger(let labels): labels
    case .regression: 1
    }
  }

  /// Whether the logits are a row a token, not a row a text.
  public var answersTokens: Bool { if case .tagger = self { true } else { false } }
}
