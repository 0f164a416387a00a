import CKernels

/// Losses on one matrix or more a packed sequence, such as attention scores: [heads, length, length] a sequence.
extension Graph {
  /// Σ over sequences of weight · Σ (x − target)².
  ///
  /// - Parameters:
  ///   - x, target: one row: the sequences' parts, one after another.
  ///   - parts: elements a sequence.
  ///   - weights: one a sequence; nil means 1.
  @discardableResult
  public func squaredError(
    _ x: Tensor<Element>, target: Tensor<Element>, parts: [Int], weights: [Double]?, scale: Double
  ) throws(TensorError) -> Double {
    try check(x, target, "squaredError")
    guard parts.reduce(0, +) == x.count, weights.map({ $0.count == parts.count }) ?? true else {
      throw .shape(operation: "squaredError", detail: "\(x.count) elements do not fall into \(parts.count) sequences")
    }
    guard let weights else { return try squaredError(x, target: target, scale: scale) }
    return try loss(on: x, scale) { gradient, accumulates in
      var (total, start) = (0.0, 0)
      for (part, weight) in zip(parts, weights) {
        total +=
          weight
          * kernels.pointee.squared_error(
            x.pointer + start, target.pointer + start, nil, scale * weight, gradient.map { $0 + start }, accumulates, 1,
            part)
        start += part
      }
      return total
    }
  }

  /// Σ over sequences, heads and queries of weight · divergence(softmax over keys of the scores ‖ the teacher's).
  ///
  /// - Parameters:
  ///   - scores, teacher: raw, before the softmax: per sequence [heads, length, length].
  ///   - weights: one a sequence; nil means 1.
  @discardableResult
  public func attentionDivergence(
    _ kind: Divergence, _ scores: Tensor<Element>, teacher: Tensor<Element>, heads: Int, offsets: [Int32],
    weights: [Double]? = nil, scale: Double
  ) throws(TensorError) -> Double {
    try check(scores, teacher, "attentionDivergence")
    let places = Self.squares(offsets, times: heads)
    guard places.count == scores.count, weights.map({ $0.count == places.lengths.count }) ?? true else {
      throw .shape(operation: "attentionDivergence", detail: "\(scores.count) scores are not those of \(heads) heads")
    }
    return try loss(on: scores, scale) { gradient, accumulates in
      var total = 0.0
      for (sequence, length) in places.lengths.enumerated() where length > 0 {
        let start = places.starts[sequence]
        let weight = weights?[sequence] ?? 1
        total +=
          weight
          * kernels.pointee.divergence(
            scores.pointer + start, teacher.pointer + start, kind.code, 1, nil, scale * weight,
            gradient.map { $0 + start }, accumulates, heads * length, length)
      }
      return total
    }
  }

  /// Σ weight · |x − target|; where both are equal the gradient is 0.
  @discardableResult
  public func absoluteError(
    _ x: Tensor<Element>, target: Tensor<Element>, weights: [Element]? = nil, scale: Double
  ) throws(TensorError) -> Double {
    try check(x, target, "absoluteError")
    return try loss(on: x, scale) { gradient, accumulates in
      var total = 0.0
      for place in 0..<x.count {
        let weight = Double(weights?[place / x.columns] ?? 1)
        let difference = Double(x.pointer[place]) - Double(target.pointer[place])
        total += weight * abs(difference)
        guard let gradient else { continue }
        let own = Element(scale * weight * (difference == 0 ? 0 : difference.sign == .minus ? -1 : 1))
        gradient[place] = accumulates == 1 ? gradient[place] + own : own
      }
      return total
    }
  }
}
