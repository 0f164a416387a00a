import Models

extension Quantize {
  public var conventions: [String] {
    let convention = method.convention
    var lines = [convention.weightSentence, convention.activationSentence]
    if case .calibrated(_, let calibration) = method {
      lines.append(
        "ranges: \(calibration.observer.sentence), over \(calibration.examples) texts taken evenly from the set")
    }
    return lines + [
      "products: exact sums in 32 bits; outputs s_x · s_w · Σ (q_x − z_x) · q_w + b, biases and layer norms in f32"
    ]
  }
}

extension Int8Convention {
  /// Of the grid of weights.
  var weightSentence: String {
    let shared = weightGranularity == .row ? "an output row" : "a matrix"
    return switch weights {
    case .narrow: "int8 weights: max|w| / 127 \(shared), integers in ±127, half to even (ONNX Runtime's signed grid)"
    case .full: "int8 weights: 2 · max|w| / 255 \(shared), integers −128 … 127, half to even (PyTorch's qint8)"
    }
  }

  /// Of the grid of activations.
  var activationSentence: String {
    let top = reducesRange ? (signed: 63, unsigned: 127) : (signed: 127, unsigned: 255)
    let steps =
      grid == .symmetric
      ? "max|x| / \(top.signed), integers in ±\(top.signed)"
      : "(max − min) / \(top.unsigned) with a zero point, integers 0 … \(top.unsigned) (ONNX QuantizeLinear)"
    let shared =
      switch (ranges, granularity) {
      case (.static, _): "static, one scale a layer"
      case (.dynamic, .row): "dynamic, a scale a token"
      case (.dynamic, .tensor): "dynamic, a scale a batch"
      }
    return "int8 activations: \(shared), \(steps), half to even"
  }
}

extension RangeObserver {
  /// Of how a range is found.
  var sentence: String {
    switch self {
    case .minMax: "the least and the largest input of each layer"
    case .movingAverage(let constant):
      "the least and the largest input of each batch, averaged with constant \(constant) (PyTorch's "
        + "MovingAverageMinMaxObserver)"
    case .histogram(let bins):
      "the part of a histogram of \(bins) bins whose quantization has about the least squared error (PyTorch's "
        + "HistogramObserver)"
    case .percentile(let percent, let bins):
      "what holds \(percent) % of a histogram of \(bins) bins, the rest cut off evenly on both sides"
    }
  }
}
