/// What a model's head answers: the phantom type that keeps unlike models apart when a pipeline compiles.
public protocol ModelKind: Sendable {
  /// The stable name, such as `classifier`.
  static var name: String { get }
}

/// No head: hidden states alone.
public enum EncoderOnly: ModelKind { public static let name = "encoder" }
/// A head that predicts masked tokens.
public enum MaskedLM: ModelKind { public static let name = "masked-lm" }
/// A head that chooses one of several labels for a text or a pair of texts.
public enum Classifier: ModelKind { public static let name = "classifier" }
/// A head that gives a number for a text or a pair of texts.
public enum Regressor: ModelKind { public static let name = "regressor" }
/// A head that chooses one of several labels for each token.
public enum Tagger: ModelKind { public static let name = "tagger" }
/// A head that gives the relevance of a passage to a query.
public enum Ranker: ModelKind { public static let name = "ranker" }

/// A trained model: a folder in Hugging Face's layout (`config.json`, `model.safetensors`, `vocab.txt`,
/// `tokenizer_config.json`).
public struct Model<Kind: ModelKind>: FolderArtifact {
  public static var kind: String { "model.\(Kind.name)" }
  public let folder: FilePath
  public var facts: Facts

  public init(folder: FilePath, facts: Facts = .unknown) {
    self.folder = folder
    self.facts = facts
  }
}
