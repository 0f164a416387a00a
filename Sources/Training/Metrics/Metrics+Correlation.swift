import Artifacts

extension Metrics {
  /// Pearson's correlation; 0 where one list is constant.
  public static func pearson(_ first: [Double], _ second: [Double]) throws -> Double {
    try check(first.count, second.count, "correlation")
    let means = (first.reduce(0, +) / Double(first.count), second.reduce(0, +) / Double(second.count))
    var (both, left, right) = (0.0, 0.0, 0.0)
    for (x, y) in zip(first, second) {
      let (dx, dy) = (x - means.0, y - means.1)
      both += dx * dy
      left += dx * dx
      right += dy * dy
    }
    // Deviations of a constant list are rounding noise, which has no direction.
    let floor = 1e-13 * 1e-13 * Double(first.count)
    guard left > floor * means.0 * means.0, right > floor * means.1 * means.1, left > 0, right > 0 else { return 0 }
    return min(1, max(-1, both / left.squareRoot() / right.squareRoot()))
  }

  /// Spearman's rank correlation, equal values sharing their mean rank; 0 where one list is constant.
  public static func spearman(_ first: [Double], _ second: [Double]) throws -> Double {
    try check(first.count, second.count, "rank correlation")
    return try pearson(ranks(first), ranks(second))
  }

  /// Ranks from 1; equal values share their mean.
  static func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      for index in order[start..<end] { ranks[index] = Double(start + 1 + end) / 2 }
      start = end
    }
    return ranks
  }

  /// The mean of squared differences.
  public static func meanSquaredError(_ predictions: [Double], _ targets: [Double]) throws -> Double {
    try check(predictions.count, targets.count, "squared error")
    return zip(predictions, targets).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(targets.count)
  }
}
