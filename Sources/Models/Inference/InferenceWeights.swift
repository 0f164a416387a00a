import Tensors

/// Where an inference model takes its packed weights from: a dense or a quantized checkpoint.
protocol InferenceSource {
  var configuration: BertConfiguration { get }
  var head: BertHead { get }

  /// The linear layer of one or several parameters side by side (their outputs follow one another).
  func linear(_ names: [String]) throws -> any LinearLayer
  /// A layer on the word embeddings, with a bias of its own: the tied masked-LM decoder.
  func decoder(bias: String) throws -> any LinearLayer
  func embeddings() throws -> any EmbeddingTables
  /// A small parameter in f32.
  func vector(_ name: String) throws -> FlatBuffer<Float>
}

/// The sum of word, position and segment embeddings.
protocol EmbeddingTables: Sendable {
  /// Writes [tokens, hidden]; ids are in range.
  func embed(_ batch: PackedBatch, into y: UnsafeMutablePointer<Float>)
}

extension InferenceSource {
  func linear(_ name: String) throws -> any LinearLayer { try linear([name]) }

  func norm(_ name: String) throws -> LayerNormWeights {
    try LayerNormWeights(
      weight: vector("\(name).weight"), bias: vector("\(name).bias"), epsilon: configuration.layerNormEpsilon)
  }
}

/// A layer norm's parameters.
struct LayerNormWeights: Sendable {
  let weight, bias: FlatBuffer<Float>
  let epsilon: Double

  /// y = LayerNorm(x + residual), [rows, width]; y may be x.
  func run(
    _ x: UnsafePointer<Float>, _ residual: UnsafePointer<Float>?, into y: UnsafeMutablePointer<Float>, rows: Int
  ) {
    ForwardLoops.layerNorm(x, residual: residual, weight: weight, bias: bias, epsilon: epsilon, into: y, rows: rows)
  }

  /// The same, a crew member's rows of it.
  func share(
    _ x: UnsafePointer<Float>, _ residual: UnsafePointer<Float>?, into y: UnsafeMutablePointer<Float>, rows: Int,
    by member: CrewMember
  ) {
    let mine = member.share(of: rows)
    let start = mine.lowerBound * weight.count
    run(x + start, residual.map { $0 + start }, into: y + start, rows: mine.count)
    member.meet()
  }
}

/// One block's packed weights.
struct InferenceBlock: Sendable {
  let heads: Int
  let headSize: Int
  let query: any LinearLayer
  /// Keys, then values.
  let keyValue: any LinearLayer
  let attended: any LinearLayer
  let attentionNorm: LayerNormWeights
  let wide: any LinearLayer
  let narrow: any LinearLayer
  let outputNorm: LayerNormWeights

  init(_ index: Int, from source: some InferenceSource) throws {
    let name = BertNames.block(index)
    heads = source.configuration.blockShape(index).headCount
    headSize = source.configuration.headSize
    query = try source.linear("\(name).attention.self.query")
    keyValue = try source.linear(["\(name).attention.self.key", "\(name).attention.self.value"])
    attended = try source.linear("\(name).attention.output.dense")
    attentionNorm = try source.norm("\(name).attention.output.LayerNorm")
    wide = try source.linear("\(name).intermediate.dense")
    narrow = try source.linear("\(name).output.dense")
    outputNorm = try source.norm("\(name).output.LayerNorm")
  }
}

/// What stands on the encoder, packed.
enum InferenceHead: Sendable {
  case encoder
  case pooled(pooler: any LinearLayer, classifier: any LinearLayer)
  case tagger(classifier: any LinearLayer)
  case maskedLM(transform: any LinearLayer, norm: LayerNormWeights, decoder: any LinearLayer)

  init(from source: some InferenceSource) throws {
    switch source.head {
    case .encoder: self = .encoder
    case .classifier, .regression:
      self = .pooled(
        pooler: try source.linear(BertNames.pooler), classifier: try source.linear(BertNames.classifier))
    case .tagger: self = .tagger(classifier: try source.linear(BertNames.classifier))
    case .maskedLM:
      self = .maskedLM(
        transform: try source.linear("\(BertNames.transform).dense"),
        norm: try source.norm("\(BertNames.transform).LayerNorm"),
        decoder: try source.decoder(bias: BertNames.decoderBias))
    }
  }
}
