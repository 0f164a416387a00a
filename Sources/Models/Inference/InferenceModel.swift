import Artifacts
import Tensors

/// A BERT, or a model of its family, that only answers: no tape, weights packed once for the machine's kernels, batches without padding.
///
/// ```swift
/// let model = try InferenceModel(folder: "out/student")
/// let rows = try model.logits(of: ["a fine film"])          // [[Float]], a row a text
/// ```
/// It may be used from any number of threads at once. With a team, a batch is shared out by sequences. An answer's bits
/// depend on the text and the machine alone, not on the batch or the number of threads, unless a quantized model's
/// activations share one dynamic scale a tensor.
public final class InferenceModel: Sendable {
  public let configuration: BertConfiguration
  public let head: BertHead
  /// How the numbers are stored, with the convention of integers.
  public let form: FolderConfiguration.Form
  /// Reads text; nil for a model that was not read from a folder.
  public let tokenizer: (any Tokenizer)?
  /// Weights and biases, whatever their precision.
  public let parameterCount: Int

  /// All of a token's embeddings, or, where these are narrower than what is added to them, its word alone.
  let embeddings: any EmbeddingTables
  let placeEmbeddings: (any EmbeddingTables)?
  let embeddingNorm: LayerNormWeights
  /// Brings narrow embeddings to the hidden size.
  let mapping: (any LinearLayer)?
  let blocks: [InferenceBlock]
  /// MobileBERT's blocks; it has none of the others.
  let bottlenecks: [BottleneckBlock]
  let outputs: InferenceHead
  let workspaces = WorkspacePool()

  /// Reads a model's folder, dense or quantized, and packs its weights.
  ///
  /// - Throws: What `BertCheckpoint`, `QuantizedCheckpoint` and `BertTokenizer` throw; `model.vocabulary`.
  public convenience init(folder: FilePath) throws {
    let stored = try FolderConfiguration(folder: folder)
    let tokenizer = try ModelFolder.tokenizer(of: folder, for: stored.configuration)
    switch stored.form {
    case .dense:
      try self.init(DenseSource(checkpoint: BertCheckpoint(folder: folder)), form: .dense, tokenizer: tokenizer)
    case .int8:
      try self.init(
        QuantizedSource(checkpoint: QuantizedCheckpoint(folder: folder)), form: stored.form, tokenizer: tokenizer)
    }
  }

  /// Packs a quantized checkpoint in memory.
  public convenience init(_ checkpoint: QuantizedCheckpoint, tokenizer: (any Tokenizer)? = nil) throws {
    try self.init(
      QuantizedSource(checkpoint: checkpoint), form: .int8(checkpoint.convention), tokenizer: tokenizer)
  }

  /// Packs a checkpoint in memory.
  public convenience init(_ checkpoint: BertCheckpoint, tokenizer: (any Tokenizer)? = nil) throws {
    try self.init(DenseSource(checkpoint: checkpoint), form: .dense, tokenizer: tokenizer)
  }

  init(_ source: some InferenceSource, form: FolderConfiguration.Form, tokenizer: (any Tokenizer)?) throws {
    (configuration, head, self.form) = (source.configuration, source.head, form)
    self.tokenizer = tokenizer
    parameterCount = try ParameterLayout.bert(configuration, head: head).parameterCount
    let own = configuration
    let isNarrow = own.bottleneck != nil
    embeddings = try source.embeddings(isNarrow ? [.words] : [.words] + own.placeRoles)
    placeEmbeddings = isNarrow ? try source.embeddings(own.placeRoles) : nil
    embeddingNorm = try source.norm("\(BertNames.embeddings).LayerNorm")
    mapping = own.embeddingSize == nil ? nil : try source.linear(BertNames.mapping)
    if let bottleneck = own.bottleneck {
      blocks = []
      bottlenecks = try (0..<own.layerCount).map { try BottleneckBlock($0, bottleneck, from: source) }
    } else {
      let packed = try (0..<own.parameterBlocks).map { try InferenceBlock($0, from: source) }
      blocks = (0..<own.layerCount).map { packed[own.parameterBlock($0)] }
      bottlenecks = []
    }
    outputs = try InferenceHead(from: source)
  }

  /// The activation of the masked-LM head's transform.
  var transformActivation: Activation { configuration.transformActivation ?? .gelu }

  /// Names of the classes in order; empty where they have none.
  public var labels: [String] { configuration.labels }

  /// `f32` or `int8`.
  public var precision: String { form == .dense ? "f32" : "int8" }
}
