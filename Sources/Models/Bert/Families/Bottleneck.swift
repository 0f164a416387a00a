/// What narrows the blocks of a MobileBERT (Sun et al. 2020, §3), as in its `config.json`.
public struct Bottleneck: Sendable, Equatable, Hashable, Codable {
  /// Width inside a block.
  public var width = 128
  /// Feed-forward networks of a block.
  public var feedForwardCount = 4
  /// Queries and keys read a narrowed state of their own.
  public var sharesKeyQuery = true
  /// Queries, keys and values all read the narrowed input.
  public var narrowsAttention = false
  /// Layer norms, not mere weights and biases (`NoNorm`).
  public var normalizes = false
  /// A token's embedding is made of its neighbours' too.
  public var usesTrigrams = true
  /// The pooler is a layer with tanh, not the first token itself.
  public var poolsThroughDense = true

  public init() {}

  enum CodingKeys: String, CodingKey, CaseIterable {
    case width = "intra_bottleneck_size"
    case feedForwardCount = "num_feedforward_networks"
    case sharesKeyQuery = "key_query_shared_bottleneck"
    case narrowsAttention = "use_bottleneck_attention"
    case normalization = "normalization_type"
    case usesTrigrams = "trigram_input"
    case poolsThroughDense = "classifier_activation"
    case isUsed = "use_bottleneck"
  }

  public init(from decoder: any Decoder) throws {
    self.init()
    let values = try decoder.container(keyedBy: CodingKeys.self)
    try values.read(.width, into: &width)
    try values.read(.feedForwardCount, into: &feedForwardCount)
    try values.read(.sharesKeyQuery, into: &sharesKeyQuery)
    try values.read(.narrowsAttention, into: &narrowsAttention)
    try values.read(.usesTrigrams, into: &usesTrigrams)
    try values.read(.poolsThroughDense, into: &poolsThroughDense)
    let norm = try values.decodeIfPresent(String.self, forKey: .normalization) ?? "no_norm"
    guard ["no_norm", "layer_norm"].contains(norm) else {
      throw DecodingError.dataCorruptedError(
        forKey: .normalization, in: values, debugDescription: "“\(norm)” is neither no_norm nor layer_norm")
    }
    normalizes = norm == "layer_norm"
    guard try values.decodeIfPresent(Bool.self, forKey: .isUsed) ?? true else {
      throw DecodingError.dataCorruptedError(
        forKey: .isUsed, in: values, debugDescription: "a MobileBERT without bottlenecks is not supported")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(width, forKey: .width)
    try values.encode(feedForwardCount, forKey: .feedForwardCount)
    try values.encode(sharesKeyQuery, forKey: .sharesKeyQuery)
    try values.encode(narrowsAttention, forKey: .narrowsAttention)
    try values.encode(usesTrigrams, forKey: .usesTrigrams)
    try values.encode(poolsThroughDense, forKey: .poolsThroughDense)
    try values.encode(normalizes ? "layer_norm" : "no_norm", forKey: .normalization)
    try values.encode(true, forKey: .isUsed)
  }

  /// What cannot be built, one sentence a fault.
  func faults(heads: Int) -> [String] {
    var faults = rangeFaults([
      ("intra_bottleneck_size", width, 1 << 15), ("num_feedforward_networks", feedForwardCount, 64),
    ])
    if heads > 0, width % heads != 0 {
      faults.append("intra_bottleneck_size \(width) is not a multiple of num_attention_heads \(heads)")
    }
    if !sharesKeyQuery && !narrowsAttention {
      faults.append("queries and keys read a narrowed state: key_query_shared_bottleneck or use_bottleneck_attention")
    }
    return faults
  }
}
