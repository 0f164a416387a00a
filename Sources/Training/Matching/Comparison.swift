import Models
import Tensors

/// One match on one shard.
struct Comparison {
  var match: Match
  var student: BertStates<Float>
  var teacher: BertStates<Float>
  var batch: PackedBatch
  var lengths: BatchLengths
  var graph: Graph<Float>
  var project: (Tensor<Float>, HiddenIndex) throws -> Tensor<Float>

  /// Adds the losses of all layers.
  func add(pairs: [LayerPair], weight: Double) throws {
    if match.feature.isAttention {
      let share = match.layers == .mean ? weight / Double(max(1, pairs.count)) : weight
      for pair in pairs { try compareAttention(pair, weight: share) }
      return
    }
    let layers: [(HiddenIndex, HiddenIndex)] =
      match.feature == .embeddings ? [(.embeddings, .embeddings)] : pairs.map { ($0.student.output, $0.teacher.output) }
    let states = try layers.map { own, other in
      (student: try project(try rows(student.hidden[own.value]), own), teacher: try rows(teacher.hidden[other.value]))
    }
    switch match.loss {
    case .featureGram, .tokenGram:
      let share = match.layers == .mean ? weight / Double(max(1, states.count - 1)) : weight
      for (first, second) in zip(states, states.dropFirst()) { try compareGrams(first, second, weight: share) }
    default:
      let share = match.layers == .mean ? weight / Double(max(1, states.count)) : weight
      for pair in states { try compareRows(pair.student, pair.teacher, weight: share) }
    }
  }

  private var textLengths: [Int] { zip(batch.offsets.dropFirst(), batch.offsets).map { Int($0 - $1) } }

  private func rows(_ states: Tensor<Float>) throws -> Tensor<Float> {
    match.feature == .firstTokens ? try graph.rows(states, at: batch.firstRows) : states
  }

  // MARK: Hidden states

  private func compareRows(_ x: Tensor<Float>, _ target: Tensor<Float>, weight: Double) throws {
    var scale = weight
    var weights: [Float]?
    switch (match.feature, match.mean) {
    case (.firstTokens, _): scale /= Double(max(1, lengths.texts))
    case (_, .texts):
      weights = textLengths.flatMap { length in
        repeatElement(Float(lengths.rowWeight(.texts, length: length)), count: length)
      }
    case (_, let mean): scale *= lengths.rowWeight(mean, length: 0)
    }
    let width = Double(max(1, target.columns))
    switch match.loss {
    case .squared: try graph.squaredError(x, target: target, weights: weights, scale: scale / width)
    case .cosine: try graph.cosineDistance(x, target: target, weights: weights, scale: scale)
    case .unitSquared(let perElement):
      try graph.squaredError(
        graph.unitRows(x), target: graph.unitRows(target), weights: weights, scale: perElement ? scale / width : scale)
    case .standardSquared(let epsilon):
      try graph.squaredError(
        graph.standardRows(x, epsilon: epsilon), target: graph.standardRows(target, epsilon: epsilon),
        weights: weights, scale: scale / width)
    case .moments(let means, let variances):
      try graph.squaredError(
        graph.rowMeans(x), target: graph.rowMeans(target), weights: weights, scale: scale * means)
      try graph.absoluteError(
        graph.rowVariances(x), target: graph.rowVariances(target), weights: weights, scale: scale * variances)
    case .divergence(let kind):
      try graph.divergence(kind.kind, x, teacher: target, temperature: 1, weights: weights, scale: scale)
    case .featureGram, .tokenGram, .headSumSquared, .headMeanDivergence: break
    }
  }

  private typealias States = (student: Tensor<Float>, teacher: Tensor<Float>)

  private func compareGrams(_ first: States, _ second: States, weight: Double) throws {
    switch match.loss {
    case .featureGram:
      let x = try graph.featureGram(first.student, second.student, offsets: batch.offsets)
      let target = try graph.featureGram(first.teacher, second.teacher, offsets: batch.offsets)
      let elements = first.teacher.columns * second.teacher.columns
      try graph.squaredError(x, target: target, scale: weight / Double(max(1, lengths.texts * elements)))
    case .tokenGram(let divisor):
      func gram(_ first: Tensor<Float>, _ second: Tensor<Float>) throws -> Tensor<Float> {
        let width = first.columns
        return try graph.tokenGram(first, second, offsets: batch.offsets) { divisor == .width ? width : $0 }
      }
      try comparePairs(
        gram(first.student, second.student), gram(first.teacher, second.teacher), heads: 1, weight: weight)
    default: break
    }
  }

  // MARK: Attention

  private func compareAttention(_ pair: LayerPair, weight: Double) throws {
    guard let (x, own) = try attention(student, pair.student),
      let (target, other) = try attention(teacher, pair.teacher)
    else { return }
    func overHeads(_ factor: (Int) -> Double) throws -> (Tensor<Float>, Tensor<Float>) {
      (
        try graph.headSum(x, heads: own, offsets: batch.offsets, factor: factor(own)),
        try graph.headSum(target, heads: other, offsets: batch.offsets, factor: factor(other))
      )
    }
    switch match.loss {
    case .squared: try comparePairs(x, target, heads: own, weight: weight)
    case .headSumSquared:
      let (x, target) = try overHeads { _ in 1 }
      try comparePairs(x, target, heads: 1, weight: weight)
    case .divergence(let kind): try compareKeys(x, target, kind, heads: own, weight: weight)
    case .headMeanDivergence(let kind):
      let (x, target) = try overHeads { 1 / Double($0) }
      try compareKeys(x, target, kind, heads: 1, weight: weight)
    case .cosine, .unitSquared, .standardSquared, .moments, .featureGram, .tokenGram: break
    }
  }

  private func attention(_ states: BertStates<Float>, _ block: BlockIndex) throws -> (Tensor<Float>, heads: Int)? {
    let attention = states.attentions[block.value]
    let part: Int
    switch match.feature {
    case .attentionScores: return attention.scores.map { ($0, attention.heads) }
    case .queryRelation: part = 0
    case .keyRelation: part = 1
    case .valueRelation: part = 2
    case .embeddings, .hiddenStates, .firstTokens: return nil
    }
    let relation = try graph.relation(
      of: states.projections[block.value], part: part, heads: attention.heads, offsets: batch.offsets)
    return (relation, attention.heads)
  }

  /// Squared differences of matrices of tokens by tokens.
  private func comparePairs(_ x: Tensor<Float>, _ target: Tensor<Float>, heads: Int, weight: Double) throws {
    let parts = textLengths.map { heads * $0 * $0 }
    let share = weight / Double(max(1, heads))
    guard match.mean == .texts else {
      let scale = share * lengths.pairWeight(match.mean, length: 0)
      try graph.squaredError(x, target: target, parts: parts, weights: nil, scale: scale)
      return
    }
    let weights = textLengths.map { lengths.pairWeight(.texts, length: $0) }
    try graph.squaredError(x, target: target, parts: parts, weights: weights, scale: share)
  }

  /// Divergences of softmaxes over keys.
  private func compareKeys(
    _ x: Tensor<Float>, _ target: Tensor<Float>, _ kind: SoftTerm.Divergence, heads: Int, weight: Double
  ) throws {
    let share = weight / Double(max(1, heads))
    let isByText = match.mean == .texts
    try graph.attentionDivergence(
      kind.kind, x, teacher: target, heads: heads, offsets: batch.offsets,
      weights: isByText ? textLengths.map { lengths.rowWeight(.texts, length: $0) } : nil,
      scale: isByText ? share : share * lengths.rowWeight(match.mean, length: 0))
  }
}
