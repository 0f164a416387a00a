import CKernels

/// Losses are sums over rows. `scale` is the loss's weight over the denominator of the *whole* batch, computed before the
/// batch is cut into shards, so that shards' losses and gradients add up. Each adds scale · loss to `Graph.loss`, returns
/// it, and gives its gradient to the first operand; targets take none.
extension Graph {
  /// Hard cross-entropy: Σ weight · −log softmax(logits)[label].
  ///
  /// - Parameters:
  ///   - labels: a class a row; rows with `ignored` give nothing.
  ///   - weights: one a row; nil means 1.
  @discardableResult
  public func crossEntropy(
    _ logits: Tensor<Element>, labels: [Int32], ignored: Int32 = -100, weights: [Element]? = nil, scale: Double
  ) throws(TensorError) -> Double {
    guard labels.count == logits.rows else {
      throw .shape(operation: "crossEntropy", detail: "\(labels.count) labels for \(logits.rows) rows")
    }
    try check(weights, logits, "crossEntropy")
    for label in labels where label != ignored && (label < 0 || label >= logits.columns) {
      throw .index(operation: "crossEntropy", value: Int(label), limit: logits.columns)
    }
    return try loss(on: logits, scale) { gradient, accumulates in
      kernels.pointee.cross_entropy(
        logits.pointer, labels, ignored, weights, scale, gradient, accumulates, logits.rows, logits.columns)
    }
  }

  /// How `divergence` compares softmax(student / T) with softmax(teacher / T); the teacher's side is constant.
  public enum Divergence: Sendable {
    /// −Σ pT · log pS.
    case softCrossEntropy
    /// Σ pT · (log pT − log pS).
    case forwardKL
    /// Σ pS · (log pS − log pT).
    case reverseKL

    var code: Int32 {
      switch self {
      case .softCrossEntropy: Int32(RETORT_SOFT_CROSS_ENTROPY.rawValue)
      case .forwardKL: Int32(RETORT_FORWARD_KL.rawValue)
      case .reverseKL: Int32(RETORT_REVERSE_KL.rawValue)
      }
    }
  }

  /// Soft cross-entropy or KL at temperature T (techniques L1, L2). Multiply `scale` by T² for Hinton's scaling.
  @discardableResult
  public func divergence(
    _ kind: Divergence, _ logits: Tensor<Element>, teacher: Tensor<Element>, temperature: Double,
    weights: [Element]? = nil, scale: Double
  ) throws(TensorError) -> Double {
    guard temperature > 0, temperature.isFinite else {
      throw .option(operation: "divergence", name: "temperature", value: temperature)
    }
    try check(logits, teacher, "divergence")
    try check(weights, logits, "divergence")
    return try loss(on: logits, scale) { gradient, accumulates in
      kernels.pointee.divergence(
        logits.pointer, teacher.pointer, kind.code, temperature, weights, scale, gradient, accumulates, logits.rows,
        logits.columns)
    }
  }

  /// The same with a temperature and a factor a row (TextBrewer's dynamic temperatures).
  @discardableResult
  public func divergence(
    _ kind: Divergence, _ logits: Tensor<Element>, teacher: Tensor<Element>, temperatures: [Double],
    factors: [Double], scale: Double
  ) throws(TensorError) -> Double {
    try check(logits, teacher, "divergence")
    guard temperatures.count == logits.rows, factors.count == logits.rows else {
      throw .shape(operation: "divergence", detail: "\(temperatures.count) temperatures for \(logits.rows) rows")
    }
    for temperature in temperatures where !(temperature > 0 && temperature.isFinite) {
      throw .option(operation: "divergence", name: "temperature", value: temperature)
    }
    return try loss(on: logits, scale) { gradient, accumulates in
      var total = 0.0
      for row in 0..<logits.rows {
        let start = row * logits.columns
        total +=
          factors[row]
          * kernels.pointee.divergence(
            logits.pointer + start, teacher.pointer + start, kind.code, temperatures[row], nil, scale * factors[row],
            gradient.map { $0 + start }, accumulates, 1, logits.columns)
      }
      return total
    }
  }

  /// Σ weight · (x − target)² over all elements: logit and hidden MSE (divide by rows · columns in `scale`).
  @discardableResult
  public func squaredError(
    _ x: Tensor<Element>, target: Tensor<Element>, weights: [Element]? = nil, scale: Double
  ) throws(TensorError) -> Double {
    try check(x, target, "squaredError")
    try check(weights, x, "squaredError")
    return try loss(on: x, scale) { gradient, accumulates in
      kernels.pointee.squared_error(
        x.pointer, target.pointer, weights, scale, gradient, accumulates, x.rows, x.columns)
    }
  }

  /// Σ weight · (1 − cos(x, target)) over rows (techniques H3).
  @discardableResult
  public func cosineDistance(
    _ x: Tensor<Element>, target: Tensor<Element>, weights: [Element]? = nil, scale: Double
  ) throws(TensorError) -> Double {
    try check(x, target, "cosineDistance")
    try check(weights, x, "cosineDistance")
    return try loss(on: x, scale) { gradient, accumulates in
      kernels.pointee.cosine_distance(
        x.pointer, target.pointer, weights, scale, gradient, accumulates, x.rows, x.columns)
    }
  }

  /// Σ coefficient · x: feeds a gradient from outside (a loss computed elsewhere, or a test) into x.
  @discardableResult
  public func weightedSum(_ x: Tensor<Element>, coefficients: [Element], scale: Double = 1) throws(TensorError)
    -> Double
  {
    guard coefficients.count == x.count else {
      throw .shape(operation: "weightedSum", detail: "\(coefficients.count) coefficients for \(x.count) elements")
    }
    let value = scale * kernels.pointee.dot(x.pointer, coefficients, x.count)
    coefficients.withUnsafeBufferPointer { if let base = $0.baseAddress { pass(base, to: x, factor: scale) } }
    addLoss(value)
    return value
  }

  func loss(
    on x: Tensor<Element>, _ scale: Double, _ body: (UnsafeMutablePointer<Element>?, Int32) -> Double
  ) throws(TensorError) -> Double {
    // 1 / 0 of a batch in which nothing counts would turn a loss of 0 into NaN.
    guard scale.isFinite else { throw .option(operation: "loss", name: "scale", value: scale) }
    let out = outgoing(x)
    let value = scale * body(out?.pointer, out?.accumulates == true ? 1 : 0)
    addLoss(value)
    return value
  }

  func check(_ x: Tensor<Element>, _ target: Tensor<Element>, _ operation: String) throws(TensorError) {
    guard x.rows == target.rows, x.columns == target.columns else {
      let (given, wanted) = ("[\(target.rows), \(target.columns)]", "[\(x.rows), \(x.columns)]")
      throw .shape(operation: operation, detail: "the target is \(given), not \(wanted)")
    }
  }

  private func check(_ weights: [Element]?, _ x: Tensor<Element>, _ operation: String) throws(TensorError) {
    guard let weights, weights.count != x.rows else { return }
    throw .shape(operation: operation, detail: "\(weights.count) weights for \(x.rows) rows")
  }
}
