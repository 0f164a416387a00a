/// The names of each family's parameters in Hugging Face's files.
extension BertFamily {
  /// What the encoder's names begin with in a model with a head.
  var prefix: String { "\(rawValue)." }

  /// The masked-LM decoder, which is tied to the word embeddings.
  var decoder: String {
    switch self {
    case .bert, .mobileBERT: "cls.predictions.decoder"
    case .roBERTa: "lm_head.decoder"
    case .distilBERT: "vocab_projector"
    case .albert: "predictions.decoder"
    }
  }

  /// The family's name of a parameter.
  func stored(_ parameter: String) -> String {
    for (own, theirs) in renamedLayers where parameter.hasPrefix(own) { return theirs + parameter.dropFirst(own.count) }
    guard parameter.hasPrefix(Self.blocks) else {
      return parameter.hasPrefix("bert.") ? prefix + parameter.dropFirst("bert.".count) : parameter
    }
    let rest = parameter.dropFirst(Self.blocks.count)
    let number = rest.prefix { $0 != "." }
    let inside = String(rest.dropFirst(number.count + 1))
    let place = blockPlace(String(number))
    for (own, theirs) in renamedInside where inside.hasPrefix(own) {
      return place + theirs + inside.dropFirst(own.count)
    }
    return place + inside
  }

  private static let blocks = "bert.encoder.layer."

  private func blockPlace(_ number: String) -> String {
    switch self {
    case .bert, .roBERTa, .mobileBERT: "\(prefix)encoder.layer.\(number)."
    case .distilBERT: "\(prefix)transformer.layer.\(number)."
    case .albert: "\(prefix)encoder.albert_layer_groups.\(number).albert_layers.0."
    }
  }

  /// Layers outside the blocks whose names differ by more than the first word.
  private var renamedLayers: [(String, String)] {
    switch self {
    case .bert: []
    case .distilBERT:
      [
        ("\(BertNames.transform).dense", "vocab_transform"), ("\(BertNames.transform).LayerNorm", "vocab_layer_norm"),
        (BertNames.decoderBias, "vocab_projector.bias"), (BertNames.classifierDense, "pre_classifier"),
      ]
    case .roBERTa:
      [
        ("\(BertNames.transform).dense", "lm_head.dense"), ("\(BertNames.transform).LayerNorm", "lm_head.layer_norm"),
        (BertNames.decoderBias, "lm_head.bias"),
      ]
    case .albert:
      [
        (BertNames.pooler, "albert.pooler"), ("\(BertNames.transform).dense", "predictions.dense"),
        ("\(BertNames.transform).LayerNorm", "predictions.LayerNorm"), (BertNames.decoderBias, "predictions.bias"),
      ]
    case .mobileBERT: [(BertNames.mapping, "mobilebert.embeddings.embedding_transformation")]
    }
  }

  /// Layers inside a block.
  private var renamedInside: [(String, String)] {
    switch self {
    case .bert, .roBERTa, .mobileBERT: []
    case .distilBERT:
      [
        ("attention.self.query", "attention.q_lin"), ("attention.self.key", "attention.k_lin"),
        ("attention.self.value", "attention.v_lin"), ("attention.output.dense", "attention.out_lin"),
        ("attention.output.LayerNorm", "sa_layer_norm"), ("intermediate.dense", "ffn.lin1"),
        ("output.dense", "ffn.lin2"), ("output.LayerNorm", "output_layer_norm"),
      ]
    case .albert:
      [
        ("attention.self.", "attention."), ("attention.output.dense", "attention.dense"),
        ("attention.output.LayerNorm", "attention.LayerNorm"), ("intermediate.dense", "ffn"),
        ("output.dense", "ffn_output"), ("output.LayerNorm", "full_layer_layer_norm"),
      ]
    }
  }
}
