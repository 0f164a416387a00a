/// The architecture of a TextCNN. The defaults are those of Kim 2014.
public struct TextCNNConfiguration: Sendable, Equatable, Hashable {
  public var vocabularySize = 30_522
  public var embeddingSize = 300
  /// Tokens that a filter sees, one entry a group of filters.
  public var filterWidths = [3, 4, 5]
  /// Filters of each width.
  public var filterCount = 100
  /// Rate before the logits.
  public var dropout = 0.5
  public var paddingToken = 0
  /// Names of the classes in order; empty where they have none.
  public var labels: [String] = []

  public init() {}

  public init(
    vocabularySize: Int, embeddingSize: Int = 300, filterWidths: [Int] = [3, 4, 5], filterCount: Int = 100,
    dropout: Double = 0.5
  ) {
    (self.vocabularySize, self.embeddingSize, self.dropout) = (vocabularySize, embeddingSize, dropout)
    (self.filterWidths, self.filterCount) = (filterWidths, filterCount)
  }

  /// Width of what the logits are computed from: one maximum a filter.
  public var featureSize: Int { filterWidths.count * filterCount }

  /// What is wrong with the values, one sentence a fault; empty for a configuration that can be built.
  public var faults: [String] {
    // The limits keep a mistyped or hostile file from asking for more memory than any machine has.
    let sizes = [
      ("vocab_size", vocabularySize, 1 << 24), ("embedding_size", embeddingSize, 1 << 15),
      ("num_filters", filterCount, 1 << 17),
    ]
    var faults = rangeFaults(sizes + filterWidths.prefix(64).map { ("filter_widths", $0, 1 << 10) })
    if filterWidths.isEmpty || filterWidths.count > 64 {
      faults.append("filter_widths must be from 1 to 64 widths, not \(filterWidths.count)")
    }
    return faults + [rateFault("classifier_dropout", dropout)].compactMap(\.self)
  }
}

extension TextCNNConfiguration: Codable {
  static let modelType = "retort-textcnn"

  enum CodingKeys: String, CodingKey {
    case modelType = "model_type"
    case vocabularySize = "vocab_size"
    case embeddingSize = "embedding_size"
    case filterWidths = "filter_widths"
    case filterCount = "num_filters"
    case dropout = "classifier_dropout"
    case paddingToken = "pad_token_id"
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
    try values.read(.filterWidths, into: &filterWidths)
    try values.read(.filterCount, into: &filterCount)
    try values.read(.dropout, into: &dropout)
    try values.read(.paddingToken, into: &paddingToken)
    labels = try values.decodeLabelNames(forKey: .labelNames)
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(Self.modelType, forKey: .modelType)
    try values.encode(vocabularySize, forKey: .vocabularySize)
    try values.encode(embeddingSize, forKey: .embeddingSize)
    try values.encode(filterWidths, forKey: .filterWidths)
    try values.encode(filterCount, forKey: .filterCount)
    try values.encode(dropout, forKey: .dropout)
    try values.encode(paddingToken, forKey: .paddingToken)
    try values.encode(labelNames: labels, .labelNames, .labelIndices)
  }
}
