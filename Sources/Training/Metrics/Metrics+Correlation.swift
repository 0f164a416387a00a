import Artifacts

extension Metrics {
  /// Pearson's correlation; 0 where one list is constant.
  public static func pearson(_ first: [Double], _ second: [Double]) throws -> Double {
    try check(first.count, second.count, "correlation")
    return pearson(first, second, weights: nil)
  }

  /// - Parameter weights: how often each pair counts; nil for once each.
  static func pearson(_ first: [Double], _ second: [Double], weights: [Int]?) -> Double {
    let total = Double(weights?.reduce(0, +) ?? first.count)
    let means = (mean(first, weights: weights), mean(second, weights: weights))
    var (both, left, right) = (0.0, 0.0, 0.0)
    for index in first.indices {
      let (dx, dy) = (first[index] - means.0, second[index] - means.1)
      let weight = Double(weights?[index] ?? 1)
      both += weight * dx * dy
      left += weight * dx * dx
      right += weight * dy * dy
    }
    // Deviations of a constant list are rounding noise, which has no direction.
    let floor = 1e-13 * 1e-13 * total
    guard left > floor * means.0 * means.0, right > floor * means.1 * means.1, left > 0, right > 0 else { return 0 }
    return min(1, max(-1, both / left.squareRoot() / right.squareRoot()))
  }

  /// Spearman's rank correlation, equal values sharing their mean rank; 0 where one list is constant.
  public static func spearman(_ first: [Double], _ second: [Double]) throws -> Double {
    try check(first.count, second.count, "rank correlation")
    return try pearson(ranks(first), ranks(second))
  }

  /// Ranks from 1; equal values share their mean.
  static func ranks(_ values: [Double]) -> [Double] { ranks(values, order: order(values), weights: nil) }

  /// The places of values from the smallest, equal ones in their order.
  static func order(_ values: [Double]) -> [Int] {
    values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
  }

  /// - Parameters:
  ///   - order: the places of the values from the smallest.
  ///   - weights: how often each value is there; nil for once each.
  static func ranks(_ values: [Double], order: [Int], weights: [Int]?) -> [Double] {
    var ranks = [Double](repeating: 0, count: values.count)
    var (start, below) = (0, 0)
    while start < order.count {
      var (end, count) = (start, 0)
      while end < order.count, values[order[end]] == values[order[start]] {
        count += weights?[order[end]] ?? 1
        end += 1
      }
      for index in order[start..<end] { ranks[index] = Double(2 * below + count + 1) / 2 }
      (start, below) = (end, below + count)
    }
    return ranks
  }

  /// The mean of squared differences.
  public static func meanSquaredError(_ predictions: [Double], _ targets: [Double]) throws -> Double {
    try check(predictions.count, targets.count, "squared error")
    return zip(predictions, targets).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(targets.count)
  }
}
