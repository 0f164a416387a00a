import Artifacts
import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension Metrics {
  /// The mean of differences with its interval by Student's t (Student 1908): for a few paired runs, such as seeds.
  ///
  /// - Throws: `metric.misfit` for fewer than two differences.
  public static func meanInterval(_ differences: [Double], confidence: Double = 0.95) throws -> (
    mean: Double, interval: Interval
  ) {
    guard differences.count > 1, confidence > 0, confidence < 1 else {
      throw RetortError(
        "metric.misfit", "\(differences.count) difference(s) have no interval at confidence \(confidence).",
        remedy: "Give at least two paired runs.", blame: .stage)
    }
    let n = Double(differences.count)
    let mean = differences.reduce(0, +) / n
    let variance = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)
    let half = studentQuantile((1 + confidence) / 2, degrees: differences.count - 1) * (variance / n).squareRoot()
    return (mean, Interval(low: mean - half, high: mean + half))
  }

  /// The quantile of Student's t, by bisection on its distribution.
  static func studentQuantile(_ share: Double, degrees: Int) -> Double {
    var (low, high) = (-1e6, 1e6)
    for _ in 0..<200 {
      let middle = (low + high) / 2
      if studentShare(below: middle, degrees: degrees) < share { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// P(T ≤ t) = 1 − I(ν / (ν + t²); ν / 2, 1 / 2) / 2 for t ≥ 0.
  private static func studentShare(below t: Double, degrees: Int) -> Double {
    let nu = Double(degrees)
    let tail = incompleteBeta(nu / (nu + t * t), nu / 2, 0.5) / 2
    return t >= 0 ? 1 - tail : tail
  }

  /// The regularised incomplete beta function: its continued fraction by Lentz's method.
  private static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    guard x > 0 else { return 0 }
    guard x < 1 else { return 1 }
    guard x < (a + 1) / (a + b + 2) else { return 1 - incompleteBeta(1 - x, b, a) }
    let scale = lgamma(a + b) - lgamma(a) - lgamma(b)
    let front = exp(scale + a * log(x) + b * log(1 - x)) / a
    let tiny = 1e-300
    func kept(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
    var (c, d) = (1.0, 1 / kept(1 - (a + b) * x / (a + 1)))
    var fraction = d
    for step in 1...500 {
      let m: Double = Double(step)
      let even: Double = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      let odd: Double = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      for factor in [even, odd] {
        d = 1 / kept(1 + factor * d)
        c = kept(1 + factor / c)
        fraction *= c * d
      }
      if abs(c * d - 1) < 1e-15 { break }
    }
    return front * fraction
  }
}
