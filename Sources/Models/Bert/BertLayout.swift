import Tensors

/// Names of a BERT's parameters: those of Hugging Face's state dictionaries, `bert.` in front also for a bare encoder.
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
    let hidden = configuration.hiddenSize
    var layout = ParameterLayout()
    try layout.append(BertNames.words, [configuration.vocabularySize, hidden])
    try layout.append(BertNames.positions, [configuration.maximumPositions, hidden])
    try layout.append(BertNames.types, [configuration.typeVocabularySize, hidden])
    try layout.appendNorm("\(BertNames.embeddings).LayerNorm", hidden)
    for index in 0..<configuration.layerCount {
      let shape = configuration.blockShape(index)
      let attended = shape.headCount * configuration.headSize
      let block = BertNames.block(index)
      try layout.append(group: BertNames.projections(index, "weight").map { ($0, [attended, hidden]) })
      try layout.append(group: BertNames.projections(index, "bias").map { ($0, [attended]) })
      try layout.appendLinear("\(block).attention.output.dense", [hidden, attended])
      try layout.appendNorm("\(block).attention.output.LayerNorm", hidden)
      try layout.appendLinear("\(block).intermediate.dense", [shape.intermediateSize, hidden])
      try layout.appendLinear("\(block).output.dense", [hidden, shape.intermediateSize])
      try layout.appendNorm("\(block).output.LayerNorm", hidden)
    }
    if head.hasPooler { try layout.appendLinear(BertNames.pooler, [hidden, hidden]) }
    if head == .maskedLM {
      try layout.appendLinear("\(BertNames.transform).dense", [hidden, hidden])
      try layout.appendNorm("\(BertNames.transform).LayerNorm", hidden)
      try layout.append(BertNames.decoderBias, [configuration.vocabularySize])
    }
    if head.outputs > 0 { try layout.appendLinear(BertNames.classifier, [head.outputs, hidden]) }
    return layout
  }

  private mutating func appendLinear(_ name: String, _ shape: [Int]) throws(TensorError) {
    try append("\(name).weight", shape)
    try append("\(name).bias", [shape[0]])
  }

  private mutating func appendNorm(_ name: String, _ width: Int) throws(TensorError) {
    try append("\(name).weight", [width])
    try append("\(name).bias", [width])
  }
}
