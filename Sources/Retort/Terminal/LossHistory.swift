/// The course of a loss in a few columns: means of equal numbers of observations, however many there are.
struct LossHistory: Sendable {
  /// Means of `weight` observations each, oldest first.
  private var means: [Double] = []
  private var weight = 1
  private var sum = 0.0
  private var count = 0

  private static let most = 24

  mutating func add(_ loss: Double) {
    guard loss.isFinite else { return }
    sum += loss
    count += 1
    guard count == weight else { return }
    means.append(sum / Double(weight))
    (sum, count) = (0, 0)
    guard means.count == Self.most else { return }
    // Twice as many observations in each, half as many of them.
    means = stride(from: 0, to: Self.most, by: 2).map { (means[$0] + means[$0 + 1]) / 2 }
    weight *= 2
  }

  /// The last `width` means as bars between the lowest and the highest of them; nil where there is no course.
  func sparkline(width: Int = 12) -> String? {
    let shown = means.suffix(width)
    guard shown.count >= 4, let low = shown.min(), let high = shown.max(), high > low else { return nil }
    let bars = Array("▁▂▃▄▅▆▇█")
    return String(shown.map { bars[min(7, Int(($0 - low) / (high - low) * 8))] })
  }
}
