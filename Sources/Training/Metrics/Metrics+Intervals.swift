import Artifacts
import FoundationEssentials
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where a figure lies with the stated confidence.
public struct Interval: Sendable, Equatable, Hashable, Codable {
  public let low: Double
  public let high: Double

  public init(low: Double, high: Double) { (self.low, self.high) = (low, high) }

  public func contains(_ value: Double) -> Bool { low <= value && value <= high }
}

extension Metrics {
  /// Wilson's score interval of a share (Wilson 1927), without continuity correction.
  ///
  /// - Throws: `metric.misfit` unless 0 ≤ `correct` ≤ `count`, `count` > 0 and 0 < `confidence` < 1.
  public static func wilson(correct: Int, of count: Int, confidence: Double = 0.95) throws -> Interval {
    guard count > 0, (0...count).contains(correct), confidence > 0, confidence < 1 else {
      throw RetortError(
        "metric.misfit", "There is no interval of \(correct) out of \(count) at confidence \(confidence).",
        blame: .stage)
    }
    let z = normalQuantile((1 + confidence) / 2)
    let (share, n) = (Double(correct) / Double(count), Double(count))
    let centre = share + z * z / (2 * n)
    let half = z * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
    let width = 1 + z * z / n
    return Interval(
      low: correct == 0 ? 0 : max(0, (centre - half) / width),
      high: correct == count ? 1 : min(1, (centre + half) / width))
  }

  /// The percentile bootstrap of any figure of examples (Efron 1979).
  ///
  /// - Parameters:
  ///   - count: The number of examples.
  ///   - figure: Computes the figure from chosen examples, some of them several times.
  /// - Throws: `metric.misfit` for impossible counts, and what `figure` throws.
  public static func bootstrap(
    _ count: Int, resamples: Int = 1_000, confidence: Double = 0.95, seed: UInt64, of figure: ([Int]) throws -> Double
  ) throws -> Interval {
    guard count > 0, resamples > 0, confidence > 0, confidence < 1 else {
      throw RetortError(
        "metric.misfit", "\(resamples) samples of \(count) examples have no interval at confidence \(confidence).",
        blame: .stage)
    }
    var chosen = [Int](repeating: 0, count: count)
    var figures: [Double] = []
    for resample in 0..<resamples {
      var stream = RandomStream(seed: seed, purpose: .resampling, step: resample)
      for place in chosen.indices { chosen[place] = stream.integer(below: count) }
      figures.append(try figure(chosen))
    }
    return percentiles(figures, confidence: confidence)
  }

  /// How often each of `count` examples is drawn in a resample: the same draws as those of `bootstrap`.
  static func resampled(_ count: Int, resample: Int, seed: UInt64) -> [Int] {
    var stream = RandomStream(seed: seed, purpose: .resampling, step: resample)
    var times = [Int](repeating: 0, count: count)
    for _ in 0..<count { times[stream.integer(below: count)] += 1 }
    return times
  }

  static func percentiles(_ figures: [Double], confidence: Double) -> Interval {
    let sorted = figures.sorted()
    guard !sorted.isEmpty else { return Interval(low: 0, high: 0) }
    return Interval(low: quantile(sorted, (1 - confidence) / 2), high: quantile(sorted, (1 + confidence) / 2))
  }

  /// The bootstrap of a mean, such as of hits (0 or 1).
  public static func bootstrapMean(
    _ values: [Double], resamples: Int = 1_000, confidence: Double = 0.95, seed: UInt64
  ) throws -> Interval {
    try bootstrap(values.count, resamples: resamples, confidence: confidence, seed: seed) { chosen in
      chosen.reduce(0) { $0 + values[$1] } / Double(chosen.count)
    }
  }

  /// How much better `first` is than `second` in the mean, with both judged on the same resampled examples.
  ///
  /// - Parameters: One value an example for each model, such as 1 where it is right and 0 where not.
  public static func pairedDifference(
    _ first: [Double], _ second: [Double], resamples: Int = 1_000, confidence: Double = 0.95, seed: UInt64
  ) throws -> Interval {
    try check(first.count, second.count, "paired interval")
    return try bootstrapMean(
      zip(first, second).map { $0 - $1 }, resamples: resamples, confidence: confidence, seed: seed)
  }

  /// The value below which a share of sorted values lies, between neighbours by their distance (NumPy's `linear`).
  static func quantile(_ sorted: [Double], _ share: Double) -> Double {
    let place = share * Double(sorted.count - 1)
    let below = Int(place.rounded(.down))
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
  }

  /// The standard normal quantile: bisection on the error function, to the last bits.
  static func normalQuantile(_ share: Double) -> Double {
    var (low, high) = (-40.0, 40.0)
    for _ in 0..<200 {
      let middle = (low + high) / 2
      if erfc(-middle / 2.0.squareRoot()) / 2 < share { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}

extension RandomStream.Purpose {
  /// Choosing examples for a bootstrap.
  static let resampling = RandomStream.Purpose(rawValue: 6)
}
