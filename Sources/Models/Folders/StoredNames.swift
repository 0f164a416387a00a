/// Under which names files hold the parameters of a BERT, or of a model of its family.
///
/// ```
/// bert.encoder.layer.0.attention.self.query.weight                     here, and in BERT's files
/// distilbert.transformer.layer.0.attention.q_lin.weight                in DistilBERT's
/// albert.encoder.albert_layer_groups.0.albert_layers.0.attention.query.weight
/// ```
/// A bare encoder is stored without its first word. Other programs put words of their own in front (`0.auto_model.`,
/// `model.`): what stands before the word embeddings is taken for that.
struct StoredNames {
  let family: BertFamily
  let head: BertHead
  /// What stands before the encoder's names in a file; nil for the family's own word.
  var prefix: String?

  init(of bert: Bert) { (family, head) = (bert.configuration.family, bert.head) }

  /// The names of a file that was found.
  init(of bert: Bert, in names: [String]) {
    self.init(of: bert)
    let words = "embeddings.word_embeddings.weight"
    let found = names.filter { $0.hasSuffix(words) }.map { String($0.dropLast(words.count)) }
    prefix = found.contains(family.prefix) ? nil : found.min { $0.count < $1.count }
  }

  /// The names that may stand for a parameter, the usual one first.
  ///
  /// Checkpoints converted from TensorFlow call a layer norm's parameters gamma and beta.
  func candidates(for parameter: String) -> [String] {
    let name = family.stored(parameter)
    var names = [name]
    if parameter == BertNames.decoderBias { names.append(family.decoder + ".bias") }
    if name.hasSuffix("LayerNorm.weight") { names.append(name.dropLast(6) + "gamma") }
    if name.hasSuffix("LayerNorm.bias") { names.append(name.dropLast(4) + "beta") }
    guard let prefix else { return names }
    return names.map { name in
      if name.hasPrefix(family.prefix) { return prefix + name.dropFirst(family.prefix.count) }
      // Words before the encoder's own stand before a head's names, too.
      return prefix.hasSuffix(family.prefix) ? prefix.dropLast(family.prefix.count) + name : name
    }
  }

  /// The name under which a parameter is written.
  func written(_ parameter: String) -> String {
    let name = family.stored(parameter)
    return head == .encoder && name.hasPrefix(family.prefix) ? String(name.dropFirst(family.prefix.count)) : name
  }

  /// Whether a tensor of a file follows from others.
  func isDerived(_ name: String) -> Bool {
    name.hasSuffix("embeddings.position_ids") || name.hasSuffix("embeddings.token_type_ids")
      || name.hasSuffix(family.decoder + ".weight") || name.hasSuffix(family.decoder + ".bias")
  }

  /// The weight of the tied masked-LM decoder, where a file has it.
  var decoder: String { family.decoder + ".weight" }

  /// Whether files hold a matrix with rows for columns.
  static func isTransposed(_ parameter: String) -> Bool { parameter == BertNames.decoderRest }
}
