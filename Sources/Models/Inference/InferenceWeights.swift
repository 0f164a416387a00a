import Tensors

/// Where an inference model takes its packed weights from: a dense or a quantized checkpoint.
protocol InferenceSource {
  var configuration: BertConfiguration { get }
  var head: BertHead { get }

  /// The linear layer of one or several parameters side by side (their outputs follow one another).
  func linear(_ names: [String]) throws -> any LinearLayer
  /// A layer on the word embeddings, with a bias of its own: the tied masked-LM decoder.
  func decoder(bias: String) throws -> any LinearLayer
  func embeddings(_ roles: [EmbeddingRole]) throws -> any EmbeddingTables
  /// A small parameter in f32.
  func vector(_ name: String) throws -> FlatBuffer<Float>
}

/// The sum of some of a token's embeddings.
protocol EmbeddingTables: Sendable {
  /// Writes [tokens, width]; ids are in range.
  func embed(_ batch: PackedBatch, into y: UnsafeMutablePointer<Float>)
}

extension InferenceSource {
  func linear(_ name: String) throws -> any LinearLayer { try linear([name]) }

  func norm(_ name: String) throws -> LayerNormWeights {
    let isMere = configuration.bottleneck?.normalizes == false && !name.hasPrefix(BertNames.transform)
    return try LayerNormWeights(
      weight: vector("\(name).weight"), bias: vector("\(name).bias"),
      epsilon: isMere ? nil : configuration.epsilon(ofNorm: name))
  }
}

/// A layer norm's parameters.
struct LayerNormWeights: Sendable {
  let weight, bias: FlatBuffer<Float>
  /// Nil where nothing is normalized (`NoNorm`): weight and bias alone.
  let epsilon: Double?

  /// y = LayerNorm(x + residual), [rows, width]; y may be x.
  func run(
    _ x: UnsafePointer<Float>, _ residual: UnsafePointer<Float>?, into y: UnsafeMutablePointer<Float>, rows: Int
  ) {
    if let epsilon {
      ForwardLoops.layerNorm(x, residual: residual, weight: weight, bias: bias, epsilon: epsilon, into: y, rows: rows)
    } else {
      ForwardLoops.scaleShift(x, residual: residual, weight: weight, bias: bias, into: y, rows: rows)
    }
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

  /// - Parameter index: among the blocks that have parameters of their own.
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
  case pooled(pooler: Pooler?, classifier: any LinearLayer)
  case tagger(classifier: any LinearLayer)
  /// With the part of the decoder that is not tied, where there is one (MobileBERT).
  case maskedLM(transform: any LinearLayer, norm: LayerNormWeights, decoder: any LinearLayer, rest: (any LinearLayer)?)

  /// The layer between the first token and the classifier.
  struct Pooler: Sendable {
    let layer: any LinearLayer
    let activation: Activation
  }

  init(from source: some InferenceSource) throws {
    let configuration = source.configuration
    switch source.head {
    case .encoder: self = .encoder
    case .classifier, .regression:
      let pooler = try configuration.pooler(under: source.head).map {
        Pooler(layer: try source.linear($0.name), activation: $0.activation)
      }
      self = .pooled(pooler: pooler, classifier: try source.linear(configuration.outputLayer(of: source.head)))
    case .tagger: self = .tagger(classifier: try source.linear(configuration.outputLayer(of: source.head)))
    case .maskedLM:
      self = .maskedLM(
        transform: try source.linear("\(BertNames.transform).dense"),
        norm: try source.norm("\(BertNames.transform).LayerNorm"),
        decoder: try source.decoder(bias: BertNames.decoderBias),
        rest: configuration.bottleneck == nil
          ? nil : try source.linear(String(BertNames.decoderRest.dropLast(".weight".count))))
    }
  }

  /// Logits of first tokens: [rows, outputs].
  func answer(_ first: UnsafePointer<Float>, rows: Int, into y: UnsafeMutablePointer<Float>, in workspace: Workspace) {
    guard case .pooled(let pooler, let classifier) = self else { return }
    guard let pooler else { return classifier(first, rows: rows, into: y, in: workspace) }
    let pooled = workspace.floats(rows * pooler.layer.outputs)
    pooler.layer(first, rows: rows, pooler.activation, into: pooled, in: workspace)
    classifier(pooled, rows: rows, into: y, in: workspace)
  }

  /// Masked-LM logits of hidden states: [rows, vocabulary].
  func words(
    _ states: UnsafePointer<Float>, rows: Int, _ activation: Activation, into y: UnsafeMutablePointer<Float>,
    in workspace: Workspace
  ) {
    guard case .maskedLM(let transform, let norm, let decoder, let rest) = self else { return }
    let width = transform.outputs
    let dense = workspace.floats(rows * width)
    transform(states, rows: rows, activation, into: dense, in: workspace)
    norm.run(dense, nil, into: dense, rows: rows)
    guard let rest else { return decoder(dense, rows: rows, into: y, in: workspace) }
    let tied = decoder.inputs
    let (left, right) = (workspace.floats(rows * tied), workspace.floats(rows * rest.inputs))
    for row in 0..<rows {
      (left + row * tied).update(from: dense + row * width, count: tied)
      (right + row * rest.inputs).update(from: dense + row * width + tied, count: rest.inputs)
    }
    let added = workspace.floats(rows * rest.outputs)
    decoder(left, rows: rows, into: y, in: workspace)
    rest(right, rows: rows, into: added, in: workspace)
    for place in 0..<rows * rest.outputs { y[place] += added[place] }
  }
}
