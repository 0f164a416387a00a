import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Losses on one output a row, such as how relevant a passage is to a query.
extension Graph {
  /// Σ over rows of the binary cross-entropy of σ(x): (1 − t) · x + (1 + (w − 1) · t) · log(1 + e^−x).
  ///
  /// Computed as PyTorch's `binary_cross_entropy_with_logits` has it, in `Double`, so that no x overflows.
  ///
  /// - Parameters:
  ///   - x: logits [rows, 1].
  ///   - targets: one a row, in 0 … 1.
  ///   - positiveWeight: w, what a target of 1 counts (PyTorch's `pos_weight`).
  @discardableResult
  public func binaryCrossEntropy(
    _ x: Tensor<Element>, targets: [Element], positiveWeight: Double = 1, scale: Double
  ) throws(TensorError) -> Double {
    guard x.columns == 1, targets.count == x.rows else {
      throw .shape(
        operation: "binaryCrossEntropy", detail: "\(targets.count) targets for [\(x.rows), \(x.columns)]")
    }
    for target in targets where !(target >= 0 && target <= 1) {
      throw .option(operation: "binaryCrossEntropy", name: "target", value: Double(target))
    }
    guard positiveWeight > 0, positiveWeight.isFinite else {
      throw .option(operation: "binaryCrossEntropy", name: "positiveWeight", value: positiveWeight)
    }
    return try loss(on: x, scale) { gradient, accumulates in
      var total = 0.0
      for row in targets.indices {
        let (value, target) = (Double(x.pointer[row]), Double(targets[row]))
        let weight = 1 + (positiveWeight - 1) * target
        // log(1 + e^−x) without overflow, and its derivative −σ(−x).
        let tail = exp(-abs(value))
        total += (1 - target) * value + weight * (log1p(tail) + max(-value, 0))
        guard let gradient else { continue }
        let sigmoid = value >= 0 ? tail / (1 + tail) : 1 / (1 + tail)
        let own = Element(scale * ((1 - target) - weight * sigmoid))
        gradient[row] = accumulates == 1 ? gradient[row] + own : own
      }
      return total
    }
  }

  /// Σ over groups of −Σ p · log softmax(x): a softmax over the rows of each group (ListNet's top-one cross-entropy, Cao
  /// et al. 2007).
  ///
  /// - Parameters:
  ///   - x: logits [rows, 1].
  ///   - targets: p, one a row: what each group's softmax should be. A group whose targets are all 0 gives nothing.
  ///   - offsets: group g has the rows `offsets[g] ..< offsets[g + 1]`.
  @discardableResult
  public func groupedCrossEntropy(
    _ x: Tensor<Element>, targets: [Element], offsets: [Int], scale: Double
  ) throws(TensorError) -> Double {
    guard x.columns == 1, targets.count == x.rows, offsets.first == 0, offsets.last == x.rows,
      zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 })
    else {
      throw .shape(
        operation: "groupedCrossEntropy", detail: "\(targets.count) targets in groups of [\(x.rows), \(x.columns)]")
    }
    for target in targets where !(target >= 0 && target.isFinite) {
      throw .option(operation: "groupedCrossEntropy", name: "target", value: Double(target))
    }
    return try loss(on: x, scale) { gradient, accumulates in
      var total = 0.0
      for (start, end) in zip(offsets, offsets.dropFirst()) where start < end {
        let rows = start..<end
        let highest = rows.reduce(-Double.infinity) { max($0, Double(x.pointer[$1])) }
        let sum = rows.reduce(0.0) { $0 + exp(Double(x.pointer[$1]) - highest) }
        let mass = rows.reduce(0.0) { $0 + Double(targets[$1]) }
        let logSum = log(sum)
        for row in rows {
          let value = Double(x.pointer[row]) - highest
          total += Double(targets[row]) * (logSum - value)
          guard let gradient else { continue }
          let own = Element(scale * (mass * exp(value) / sum - Double(targets[row])))
          gradient[row] = accumulates == 1 ? gradient[row] + own : own
        }
      }
      return total
    }
  }
}
