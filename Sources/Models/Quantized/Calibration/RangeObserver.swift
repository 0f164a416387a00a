/// How calibration finds the range of a layer's inputs.
public enum RangeObserver: Sendable, Hashable, Codable {
  /// The least and the largest number seen (PyTorch's `MinMaxObserver`): nothing is clipped.
  case minMax
  /// The least and the largest of each batch, averaged: old + constant · (new − old), the first batch as it is (PyTorch's
  /// `MovingAverageMinMaxObserver`). A single wild batch moves it little.
  case movingAverage(constant: Double)
  /// The part of a histogram whose quantization has about the least squared error (PyTorch's `HistogramObserver`):
  /// outliers are clipped where that pays.
  case histogram(bins: Int)
  /// What holds this many percent of the numbers, the rest cut off evenly on both sides of a histogram (ONNX Runtime's
  /// percentile calibration).
  case percentile(Double, bins: Int)

  /// With PyTorch's constant, 0.01.
  public static let movingAverage = RangeObserver.movingAverage(constant: 0.01)
  /// With PyTorch's 2,048 bins.
  public static let histogram = RangeObserver.histogram(bins: 2_048)
  /// In 2,048 bins.
  public static func percentile(_ percent: Double = 99.99) -> RangeObserver { .percentile(percent, bins: 2_048) }

  /// What is wrong with the values: a field and a sentence each.
  public var faults: [(field: String, message: String)] {
    var faults: [(String, String)] = []
    switch self {
    case .minMax: break
    case .movingAverage(let constant):
      if !(constant > 0 && constant <= 1) {
        faults.append(("constant", "It is \(constant), not above 0 and at most 1."))
      }
    case .histogram(let bins): check(bins, &faults)
    case .percentile(let percent, let bins):
      if !(percent > 50 && percent <= 100) {
        faults.append(("percent", "It is \(percent), not above 50 and at most 100."))
      }
      check(bins, &faults)
    }
    return faults
  }

  private func check(_ bins: Int, _ faults: inout [(String, String)]) {
    if !(16...1 << 20).contains(bins) { faults.append(("bins", "There are \(bins) bins, not 16 … 1,048,576.")) }
  }

  /// The bins of its histogram; nil where it needs none, and so sees the data once.
  var bins: Int? {
    switch self {
    case .minMax, .movingAverage: nil
    case .histogram(let bins), .percentile(_, let bins): bins
    }
  }
}
