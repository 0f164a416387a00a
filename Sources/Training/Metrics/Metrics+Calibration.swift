import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension Metrics {
  /// The expected calibration error (Naeini et al. 2015; Guo et al. 2017): Σ over bins of share · |accuracy − confidence|.
  ///
  /// Bins are of equal width, (0, 1/B], (1/B, 2/B] …
  ///
  /// - Parameters:
  ///   - confidences: the probability of each answer.
  ///   - hits: whether each answer is right.
  ///   - weights: how often each example counts; nil for once each.
  public static func calibrationError(
    _ confidences: [Double], _ hits: [Bool], bins: Int = 15, weights: [Int]? = nil
  ) throws -> Double {
    try check(confidences.count, hits.count, "calibration error")
    return try binned(confidences, hits, bins: bins, weights: weights) { index in
      min(bins - 1, max(0, Int((confidences[index] * Double(bins)).rounded(.up)) - 1))
    }
  }

  /// The same with bins of equally many examples (Nguyen and O'Connor 2015): the i-th smallest of n confidences, from 0, is
  /// in bin ⌊i · B / n⌋; of equal ones the first example comes first.
  public static func adaptiveCalibrationError(
    _ confidences: [Double], _ hits: [Bool], bins: Int = 15, weights: [Int]? = nil
  ) throws -> Double {
    try adaptiveCalibrationError(confidences, hits, bins: bins, weights: weights, order: order(confidences))
  }

  static func adaptiveCalibrationError(
    _ confidences: [Double], _ hits: [Bool], bins: Int = 15, weights: [Int]?, order: [Int]
  ) throws -> Double {
    try check(confidences.count, hits.count, "calibration error")
    let total = weights?.reduce(0, +) ?? confidences.count
    var place = 0
    var bin = [Int](repeating: 0, count: confidences.count)
    for index in order {
      bin[index] = min(bins - 1, place * bins / max(1, total))
      place += weights?[index] ?? 1
    }
    return try binned(confidences, hits, bins: bins, weights: weights) { bin[$0] }
  }

  private static func binned(
    _ confidences: [Double], _ hits: [Bool], bins: Int, weights: [Int]?, _ bin: (Int) -> Int
  ) throws -> Double {
    guard bins > 0 else { throw misfit("There are \(bins) bins.") }
    var gaps = [Double](repeating: 0, count: bins)
    var total = 0
    for index in hits.indices {
      let weight = weights?[index] ?? 1
      total += weight
      gaps[bin(index)] += Double(weight) * ((hits[index] ? 1 : 0) - confidences[index])
    }
    return gaps.reduce(0) { $0 + abs($1) } / Double(max(1, total))
  }

  /// Brier's score (1950): the mean over examples of Σ over classes (probability − truth)². For two classes it is twice
  /// what scikit-learn gives.
  ///
  /// - Parameter probabilities: [examples][classes].
  public static func brier(_ probabilities: [[Double]], _ labels: [Int]) throws -> Double {
    try check(probabilities.count, labels.count, "Brier score")
    return mean(zip(probabilities, labels).map { brier($0, $1) })
  }

  static func brier(_ probabilities: [Double], _ label: Int) -> Double {
    probabilities.enumerated().reduce(0) { sum, item in
      let gap = item.element - (item.offset == label ? 1 : 0)
      return sum + gap * gap
    }
  }

  /// The mean of values, each counted so often.
  static func mean(_ values: [Double], weights: [Int]? = nil) -> Double {
    guard let weights else { return values.reduce(0, +) / Double(max(1, values.count)) }
    var (sum, total) = (0.0, 0)
    for (value, weight) in zip(values, weights) {
      sum += Double(weight) * value
      total += weight
    }
    return sum / Double(max(1, total))
  }

  /// Softmax in `Double`.
  public static func softmax(_ logits: [Float]) -> [Double] {
    let highest = Double(logits.max() ?? 0)
    let powers = logits.map { exp(Double($0) - highest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  /// The exact two-sided p of McNemar's test (1947): whether two models that differ on so many examples are equally good.
  ///
  /// - Parameters: examples that only the first, and only the second, has right.
  public static func mcnemar(onlyFirst: Int, onlySecond: Int) -> Double {
    let (total, least) = (onlyFirst + onlySecond, min(onlyFirst, onlySecond))
    guard total > 0 else { return 1 }
    // 2 · P(X ≤ least) for X of a binomial of total and one half.
    let whole: Double = lgamma(Double(total + 1)) - Double(total) * log(2.0)
    var sum = 0.0
    for k in 0...least {
      let orders: Double = lgamma(Double(k + 1)) + lgamma(Double(total - k + 1))
      sum += exp(whole - orders)
    }
    return min(1, 2 * sum)
  }
}
