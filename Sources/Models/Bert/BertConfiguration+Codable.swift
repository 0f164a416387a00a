import FoundationEssentials

extension BertConfiguration: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case vocabularySize = "vocab_size"
    case hiddenSize = "hidden_size"
    case layerCount = "num_hidden_layers"
    case headCount = "num_attention_heads"
    case intermediateSize = "intermediate_size"
    case activation = "hidden_act"
    case hiddenDropout = "hidden_dropout_prob"
    case attentionDropout = "attention_probs_dropout_prob"
    case maximumPositions = "max_position_embeddings"
    case typeVocabularySize = "type_vocab_size"
    case initializerRange = "initializer_range"
    case layerNormEpsilon = "layer_norm_eps"
    case paddingToken = "pad_token_id"
    case labelNames = "id2label"
    case labelIndices = "label2id"
    case blockShapes = "retort_block_shapes"
    case modelType = "model_type"
  }

  /// Reads `config.json`; absent keys keep the reference's defaults, unknown ones are passed over.
  ///
  /// - Throws: `DecodingError` for a value of the wrong type, a gap in `id2label`, or a `model_type` that is not BERT.
  public init(from decoder: any Decoder) throws {
    self.init()
    let values = try decoder.container(keyedBy: CodingKeys.self)
    if let type = try values.decodeIfPresent(String.self, forKey: .modelType), type != "bert", type != "retort-bert" {
      throw DecodingError.dataCorruptedError(
        forKey: .modelType, in: values, debugDescription: "“\(type)” is not a BERT")
    }
    func read<Value: Decodable>(_ key: CodingKeys, into target: inout Value) throws {
      if let value = try values.decodeIfPresent(Value.self, forKey: key) { target = value }
    }
    try read(.vocabularySize, into: &vocabularySize)
    try read(.hiddenSize, into: &hiddenSize)
    try read(.layerCount, into: &layerCount)
    try read(.headCount, into: &headCount)
    try read(.intermediateSize, into: &intermediateSize)
    try read(.activation, into: &activation)
    try read(.hiddenDropout, into: &hiddenDropout)
    try read(.attentionDropout, into: &attentionDropout)
    try read(.maximumPositions, into: &maximumPositions)
    try read(.typeVocabularySize, into: &typeVocabularySize)
    try read(.initializerRange, into: &initializerRange)
    try read(.layerNormEpsilon, into: &layerNormEpsilon)
    try read(.paddingToken, into: &paddingToken)
    blockShapes = try values.decodeIfPresent([BlockShape].self, forKey: .blockShapes)
    if let names = try values.decodeIfPresent([String: String].self, forKey: .labelNames) {
      labels = try (0..<names.count).map { index in
        guard let name = names[String(index)] else {
          throw DecodingError.dataCorruptedError(
            forKey: .labelNames, in: values, debugDescription: "no label \(index) among \(names.count)")
        }
        return name
      }
    }
  }

  /// Writes the keys of `config.json`; `architectures` and the like are the folder writer's.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(blockShapes == nil ? "bert" : "retort-bert", forKey: .modelType)
    try values.encode(vocabularySize, forKey: .vocabularySize)
    try values.encode(hiddenSize, forKey: .hiddenSize)
    try values.encode(layerCount, forKey: .layerCount)
    try values.encode(headCount, forKey: .headCount)
    try values.encode(intermediateSize, forKey: .intermediateSize)
    try values.encode(activation, forKey: .activation)
    try values.encode(hiddenDropout, forKey: .hiddenDropout)
    try values.encode(attentionDropout, forKey: .attentionDropout)
    try values.encode(maximumPositions, forKey: .maximumPositions)
    try values.encode(typeVocabularySize, forKey: .typeVocabularySize)
    try values.encode(initializerRange, forKey: .initializerRange)
    try values.encode(layerNormEpsilon, forKey: .layerNormEpsilon)
    try values.encode(paddingToken, forKey: .paddingToken)
    try values.encodeIfPresent(blockShapes, forKey: .blockShapes)
    guard !labels.isEmpty else { return }
    let named = labels.enumerated()
    try values.encode(
      Dictionary(named.map { (String($0.offset), $0.element) }) { first, _ in first }, forKey: .labelNames)
    try values.encode(
      Dictionary(named.map { ($0.element, $0.offset) }) { first, _ in first }, forKey: .labelIndices)
  }
}
