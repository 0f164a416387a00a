/// Under which names files hold a BERT's parameters.
enum StoredNames {
  /// The names that may stand for a parameter, the usual one first.
  ///
  /// A bare `BertModel` is stored without `bert.`; checkpoints converted from TensorFlow call a layer norm's parameters
  /// gamma and beta.
  static func candidates(for parameter: String) -> [String] {
    var names = [parameter]
    if parameter == BertNames.decoderBias { names.append("cls.predictions.decoder.bias") }
    if parameter.hasSuffix("LayerNorm.weight") { names.append(parameter.dropLast(6) + "gamma") }
    if parameter.hasSuffix("LayerNorm.bias") { names.append(parameter.dropLast(4) + "beta") }
    return names + names.compactMap { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : nil }
  }

  /// The name under which a parameter is written.
  static func written(_ parameter: String, head: BertHead) -> String {
    head == .encoder && parameter.hasPrefix(prefix) ? String(parameter.dropFirst(prefix.count)) : parameter
  }

  /// Tensors that follow from others.
  static func isDerived(_ name: String) -> Bool {
    name.hasSuffix("embeddings.position_ids") || name == decoder || name == "cls.predictions.decoder.bias"
  }

  static let decoder = "cls.predictions.decoder.weight"
  private static let prefix = "bert."
}
