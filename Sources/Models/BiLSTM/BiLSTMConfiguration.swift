/// The architecture of a BiLSTM classifier. The defaults are those of Tang et al. 2019 for single sentences.
public struct BiLSTMConfiguration: Sendable, Equatable, Hashable {
  public var vocabularySize = 30_522
  public var embeddingSize = 300
  /// Width of the state of one direction.
  public var hiddenSize = 150
  public var layerCount = 1
  /// Width of the layer between the final states and the logits.
  public var denseSize = 200
  /// Rate before the logits.
  public var dropout = 0.1
  public var paddingToken = 0
  /// Whether an example is a pair, whose sides are encoded apart and set against one another.
  public var comparesPairs = false
  /// Names of the classes in order; empty where they have none.
  public var labels: [String] = []

  public init() {}

  public init(
    vocabularySize: Int, embeddingSize: Int = 300, hiddenSize: Int = 150, layerCount: Int = 1, denseSize: Int = 200,
    dropout: Double = 0.1, comparesPairs: Bool = false
  ) {
    (self.vocabularySize, self.embeddingSize, self.hiddenSize) = (vocabularySize, embeddingSize, hiddenSize)
    (self.layerCount, self.denseSize, self.dropout) = (layerCount, denseSize, dropout)
    self.comparesPairs = comparesPairs
  }

  /// Width of what the dense layer reads: both directions' final states, or the pair's [s₁; s₂; |s₁ − s₂|; s₁ ⊙ s₂].
  public var featureSize: Int { (comparesPairs ? 8 : 2) * hiddenSize }

  /// Width of what a layer reads.
  func inputSize(ofLayer layer: Int) -> Int { layer == 0 ? embeddingSize : 2 * hiddenSize }

  /// What is wrong with the values, one sentence a fault; empty for a configuration that can be built.
  public var faults: [String] {
    // The limits keep a mistyped or hostile file from asking for more memory than any machine has.
    let sizes = [
      ("vocab_size", vocabularySize, 1 << 24), ("embedding_size", embeddingSize, 1 << 15),
      ("hidden_size", hiddenSize, 1 << 15), ("num_hidden_layers", layerCount, 1 << 6),
      ("intermediate_size", denseSize, 1 << 17),
    ]
    return rangeFaults(sizes) + [rateFault("classifier_dropout", dropout)].compactMap(\.self)
  }
}

extension BiLSTMConfiguration: Codable {
  static let modelType = "retort-bilstm"

  enum CodingKeys: String, CodingKey {
    case modelType = "model_type"
    case vocabularySize = "vocab_size"
    case embeddingSize = "embedding_size"
    case hiddenSize = "hidden_size"
    case layerCount = "num_hidden_layers"
    case denseSize = "intermediate_size"
    case dropout = "classifier_dropout"
    case paddingToken = "pad_token_id"
    case comparesPairs = "compares_pairs"
    case labelNames = "id2label"
    case labelIndices = "label2id"
  }

  /// Reads `config.json`; absent keys keep the defaults, unknown ones are passed over.
  ///
  /// - Throws: `DecodingError` for a value of the wrong type, a gap in `id2label`, or another `model_type`.
  public init(from decoder: any Decoder) throws {
    self.init()
    let values = try decoder.container(keyedBy: CodingKeys.self)
    try values.checkModelType(Self.modelType, forKey: .modelType)
    try values.read(.vocabularySize, into: &vocabularySize)
    try values.read(.embeddingSize, into: &embeddingSize)
    try values.read(.hiddenSize, into: &hiddenSize)
    try values.read(.layerCount, into: &layerCount)
    try values.read(.denseSize, into: &denseSize)
    try values.read(.dropout, into: &dropout)
    try values.read(.paddingToken, into: &paddingToken)
    try values.read(.comparesPairs, into: &comparesPairs)
    labels = try values.decodeLabelNames(forKey: .labelNames)
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(Self.modelType, forKey: .modelType)
    try values.encode(vocabularySize, forKey: .vocabularySize)
    try values.encode(embeddingSize, forKey: .embeddingSize)
    try values.encode(hiddenSize, forKey: .hiddenSize)
    try values.encode(layerCount, forKey: .layerCount)
    try values.encode(denseSize, forKey: .denseSize)
    try values.encode(dropout, forKey: .dropout)
    try values.encode(paddingToken, forKey: .paddingToken)
    try values.encode(comparesPairs, forKey: .comparesPairs)
    try values.encode(labelNames: labels, .labelNames, .labelIndices)
  }
}
