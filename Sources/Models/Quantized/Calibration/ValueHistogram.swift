/// How often numbers of a known range occur, in bins of one width.
///
/// Counts are whole numbers, so it does not matter in which order or on how many threads they were added.
struct ValueHistogram: Sendable {
  let low: Double
  let high: Double
  private(set) var counts: [Int]

  var width: Double { (high - low) / Double(counts.count) }

  init(low: Float, high: Float, bins: Int) {
    (self.low, self.high) = (Double(low), Double(high))
    counts = [Int](repeating: 0, count: max(1, bins))
  }

  mutating func add(_ values: UnsafeBufferPointer<Float>) {
    let last = counts.count - 1
    let perUnit = high > low ? Double(counts.count) / (high - low) : 0
    for value in values {
      let place = (Double(value) - low) * perUnit
      guard place.isFinite else { continue }
      counts[max(0, min(last, Int(place)))] += 1
    }
  }

  /// What holds `percent` of the numbers: of the rest, half is cut off at each end, in whole bins.
  func percentile(_ percent: Double) -> (low: Double, high: Double) {
    let cut = Double(counts.reduce(0, +)) * (100 - percent) / 200
    return (
      low + width * Double(Self.bins(counts, within: cut)),
      high - width * Double(Self.bins(counts.reversed(), within: cut))
    )
  }

  /// How many leading bins hold no more than `count` numbers together.
  private static func bins(_ counts: some Collection<Int>, within count: Double) -> Int {
    var sum = 0.0
    var bins = 0
    for next in counts.dropLast() {
      sum += Double(next)
      if sum > count { break }
      bins += 1
    }
    return bins
  }
}

/// The range with about the least squared error on a grid of so many points: PyTorch's search.
///
/// From the whole range on, the end in whose next 10⁻⁵ of the numbers there are more bins gives these up, as long as that
/// makes the error no larger. Numbers are taken to lie evenly within a bin; those outside of the range are counted at
/// the end that they are clipped to.
struct RangeSearch {
  let histogram: ValueHistogram
  let points: Int
  private let sums: [Double]

  init(_ histogram: ValueHistogram, points: Int) {
    (self.histogram, self.points) = (histogram, points)
    var sum = 0.0
    sums = histogram.counts.map { count in
      sum += Double(count)
      return sum
    }
  }

  func range() -> (low: Double, high: Double) {
    guard let total = sums.last, total > 0, histogram.high > histogram.low else {
      return (histogram.low, histogram.high)
    }
    let step = 1e-5
    var (first, last) = (0, sums.count - 1)
    var (lower, upper) = (0.0, 1.0)
    var best = Double.infinity
    while lower < upper {
      var (left, right) = (first, last)
      while left < last, sums[left] < (lower + step) * total { left += 1 }
      while right > first, sums[right] > (upper - step) * total { right -= 1 }
      let before = (first, last)
      var after = before
      if left - first > last - right {
        (after.0, lower) = (left, lower + step)
      } else {
        (after.1, upper) = (right, upper - step)
      }
      if after == before { continue }
      let error = error(from: after.0, through: after.1)
      if error > best { break }
      best = error
      (first, last) = after
    }
    return (histogram.low + histogram.width * Double(first), histogram.low + histogram.width * Double(last + 1))
  }

  /// Σ over the bins of ∫ (x − its point)² dx · density, for points in the middle of `points` cells over some bins.
  func error(from first: Int, through last: Int) -> Double {
    let bin = histogram.width
    let cell = bin * Double(last - first + 1) / Double(points)
    guard cell > 0 else { return 0 }
    // ∫ over a stretch that begins and ends so far from a point.
    func stretch(_ from: Double, _ to: Double) -> Double { (to * to * to - from * from * from) / 3 }
    func place(_ x: Double) -> Double { max(0, min(Double(points - 1), (x / cell).rounded(.down))) }
    let whole = stretch(-cell / 2, cell / 2)
    var sum = 0.0
    for (index, count) in histogram.counts.enumerated() where count > 0 {
      let start = Double(index - first) * bin
      let end = start + bin
      let (from, to) = (place(start), place(end))
      let inner =
        stretch(start - (from + 0.5) * cell, cell / 2) + (to - from - 1) * whole
        + stretch(-cell / 2, end - (to + 0.5) * cell)
      sum += Double(count) / bin * inner
    }
    return sum
  }
}
