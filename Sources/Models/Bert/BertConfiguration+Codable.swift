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
    case classifierDropout = "classifier_dropout"
    case embeddingSize = "embedding_size"
    case sharedBlocks = "num_hidden_groups"
    case blockShapes = "retort_block_shapes"
    case modelType = "model_type"
  }

  /// Reads `config.json` under BERT's keys; absent ones keep the family's defaults, unknown ones are passed over.
  ///
  /// - Throws: `DecodingError` for a value of the wrong type, a gap in `id2label`, or a `model_type` that is no family.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let type = try values.decodeIfPresent(String.self, forKey: .modelType) ?? BertFamily.bert.rawValue
    guard let family = BertFamily(modelType: type) else {
      throw DecodingError.dataCorruptedError(
        forKey: .modelType, in: values, debugDescription: "“\(type)” is not a BERT")
    }
    self.init(defaultsOf: family)
    try values.read(.vocabularySize, into: &vocabularySize)
    try values.read(.hiddenSize, into: &hiddenSize)
    try values.read(.layerCount, into: &layerCount)
    try values.read(.headCount, into: &headCount)
    try values.read(.intermediateSize, into: &intermediateSize)
    try values.read(.activation, into: &activation)
    try values.read(.hiddenDropout, into: &hiddenDropout)
    try values.read(.attentionDropout, into: &attentionDropout)
    try values.read(.maximumPositions, into: &maximumPositions)
    try values.read(.typeVocabularySize, into: &typeVocabularySize)
    try values.read(.initializerRange, into: &initializerRange)
    try values.read(.layerNormEpsilon, into: &layerNormEpsilon)
    try values.read(.paddingToken, into: &paddingToken)
    classifierDropout = try values.decodeIfPresent(Double.self, forKey: .classifierDropout) ?? classifierDropout
    if embeddingSize != nil { embeddingSize = try values.decodeIfPresent(Int.self, forKey: .embeddingSize) ?? 128 }
    if sharedBlocks != nil { sharedBlocks = try values.decodeIfPresent(Int.self, forKey: .sharedBlocks) ?? 1 }
    if family == .mobileBERT { bottleneck = try Bottleneck(from: decoder) }
    blockShapes = try values.decodeIfPresent([BlockShape].self, forKey: .blockShapes)
    labels = try values.decodeLabelNames(forKey: .labelNames)
  }

  /// Writes the keys of `config.json`; `architectures` and the like are the folder writer's.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(blockShapes == nil ? family.rawValue : family.ownModelType, forKey: .modelType)
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
    try values.encodeIfPresent(classifierDropout, forKey: .classifierDropout)
    try values.encodeIfPresent(embeddingSize, forKey: .embeddingSize)
    try values.encodeIfPresent(sharedBlocks, forKey: .sharedBlocks)
    try bottleneck?.encode(to: encoder)
    try values.encodeIfPresent(blockShapes, forKey: .blockShapes)
    try values.encode(labelNames: labels, .labelNames, .labelIndices)
  }
}

extension BertFamily {
  /// The `model_type` of folders that other tools cannot read, because blocks are of unlike widths.
  var ownModelType: String { "retort-\(rawValue)" }
  /// The `model_type` of quantized folders.
  var int8ModelType: String { "retort-\(rawValue)-int8" }

  /// The family of a `model_type`, Hugging Face's or one of Retort's.
  public init?(modelType: String) {
    guard
      let family = Self.allCases.first(where: { [$0.rawValue, $0.ownModelType, $0.int8ModelType].contains(modelType) })
    else { return nil }
    self = family
  }
}
