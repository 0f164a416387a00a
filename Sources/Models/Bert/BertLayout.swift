import Tensors

/// Names of a BERT's parameters: those of Hugging Face's state dictionaries, `bert.` in front also for a bare encoder and
/// for the other families, whose files have names of their own.
enum BertNames {
  static let embeddings = "bert.embeddings"
  static let words = "\(embeddings).word_embeddings.weight"
  static let positions = "\(embeddings).position_embeddings.weight"
  static let types = "\(embeddings).token_type_embeddings.weight"
  static let pooler = "bert.pooler.dense"
  static let transform = "cls.predictions.transform"
  static let decoderBias = "cls.predictions.bias"
  /// The tied decoder as a layer; it has no weight of its own.
  static let decoder = "cls.predictions.decoder"
  static let classifier = "classifier"
  /// The last layer of a RoBERTa's classifier.
  static let classifierProjection = "classifier.out_proj"
  /// The layer before the last of a RoBERTa's or DistilBERT's classifier.
  static let classifierDense = "classifier.dense"
  /// What brings embeddings to the hidden size (ALBERT, MobileBERT).
  static let mapping = "bert.encoder.embedding_hidden_mapping_in"
  /// The part of MobileBERT's decoder that is not tied, by words: [vocabulary, hidden − embedding size].
  static let decoderRest = "cls.predictions.dense.weight"

  static func block(_ index: Int) -> String { "bert.encoder.layer.\(index)" }

  /// query, key and value of a block: fields of `<block>.attention.self`.
  static func projections(_ block: Int, _ field: String) -> [String] {
    ["query", "key", "value"].map { "\(self.block(block)).attention.self.\($0).\(field)" }
  }
}

extension ParameterLayout {
  /// The parameters of a BERT with a head.
  ///
  /// Query, key and value of a block touch, so that one product computes all three. The masked-LM decoder has no weight
  /// of its own: it is `bert.embeddings.word_embeddings.weight`.
  public static func bert(_ configuration: BertConfiguration, head: BertHead) throws(TensorError) -> ParameterLayout {
    var layout = ParameterLayout()
    try layout.appendEmbeddings(configuration)
    for index in 0..<configuration.parameterBlocks {
      if let bottleneck = configuration.bottleneck {
        try layout.appendBlock(index, configuration, bottleneck)
      } else {
        try layout.appendBlock(index, configuration)
      }
    }
    try layout.appendHead(head, configuration)
    return layout
  }

  private mutating func appendEmbeddings(_ configuration: BertConfiguration) throws(TensorError) {
    let (words, hidden) = (configuration.embeddingWidth, configuration.hiddenSize)
    let summed = configuration.bottleneck == nil ? words : hidden
    try append(BertNames.words, [configuration.vocabularySize, words])
    try append(BertNames.positions, [configuration.maximumPositions, summed])
    if configuration.typeVocabularySize > 0 {
      try append(BertNames.types, [configuration.typeVocabularySize, summed])
    }
    try appendNorm("\(BertNames.embeddings).LayerNorm", summed)
    guard configuration.embeddingSize != nil else { return }
    let inputs = configuration.bottleneck?.usesTrigrams == true ? 3 * words : words
    try appendLinear(BertNames.mapping, [hidden, inputs])
  }

  private mutating func appendBlock(_ index: Int, _ configuration: BertConfiguration) throws(TensorError) {
    let hidden = configuration.hiddenSize
    let shape = configuration.blockShape(index)
    let attended = shape.headCount * configuration.headSize
    let block = BertNames.block(index)
    try append(group: BertNames.projections(index, "weight").map { ($0, [attended, hidden]) })
    try append(group: BertNames.projections(index, "bias").map { ($0, [attended]) })
    try appendLinear("\(block).attention.output.dense", [hidden, attended])
    try appendNorm("\(block).attention.output.LayerNorm", hidden)
    try appendLinear("\(block).intermediate.dense", [shape.intermediateSize, hidden])
    try appendLinear("\(block).output.dense", [hidden, shape.intermediateSize])
    try appendNorm("\(block).output.LayerNorm", hidden)
  }

  private mutating func appendHead(_ head: BertHead, _ configuration: BertConfiguration) throws(TensorError) {
    let (words, hidden) = (configuration.embeddingWidth, configuration.hiddenSize)
    if let pooler = configuration.pooler(under: head) { try appendLinear(pooler.name, [hidden, hidden]) }
    if head == .maskedLM {
      let width = configuration.bottleneck == nil ? words : hidden
      try appendLinear("\(BertNames.transform).dense", [width, hidden])
      try appendNorm("\(BertNames.transform).LayerNorm", width)
      if width > words { try append(BertNames.decoderRest, [configuration.vocabularySize, width - words]) }
      try append(BertNames.decoderBias, [configuration.vocabularySize])
    }
    if head.outputs > 0 { try appendLinear(configuration.outputLayer(of: head), [head.outputs, hidden]) }
  }

  mutating func appendLinear(_ name: String, _ shape: [Int]) throws(TensorError) {
    try append("\(name).weight", shape)
    try append("\(name).bias", [shape[0]])
  }

  mutating func appendNorm(_ name: String, _ width: Int) throws(TensorError) {
    try append("\(name).weight", [width])
    try append("\(name).bias", [width])
  }
}
