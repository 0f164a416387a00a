/// The published models that are computed as a BERT, each with small differences and names of its own.
///
/// The raw value is Hugging Face's `model_type`.
public enum BertFamily: String, Sendable, Codable, CaseIterable, Hashable {
  /// Devlin et al. 2019.
  case bert
  /// Sanh et al. 2019: no segments, no pooler; a classifier has a layer of its own with ReLU.
  case distilBERT = "distilbert"
  /// Liu et al. 2019: positions count from behind the padding's number; a classifier has a layer of its own with tanh.
  case roBERTa = "roberta"
  /// Lan et al. 2020: narrow embeddings that are projected, blocks that share parameters.
  case albert
  /// Sun et al. 2020: narrow blocks between wide states, embeddings of three tokens.
  case mobileBERT = "mobilebert"

  /// What people call it.
  public var title: String {
    switch self {
    case .bert: "BERT"
    case .distilBERT: "DistilBERT"
    case .roBERTa: "RoBERTa"
    case .albert: "ALBERT"
    case .mobileBERT: "MobileBERT"
    }
  }

  /// Whether each block has parameters of its own under BERT's shapes, so that heads and neurons can be cut out.
  public var hasPlainBlocks: Bool { self != .albert && self != .mobileBERT }
}
