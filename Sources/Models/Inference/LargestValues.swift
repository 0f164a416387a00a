/// The places of the largest numbers of a row.
public enum LargestValues {
  /// At most `count` places, the largest number first, the lower place of equal ones. NaN is never among them.
  ///
  /// - Parameter excluded: a place to pass over.
  public static func places(in row: UnsafeBufferPointer<Float>, count: Int, except excluded: Int? = nil) -> [Int] {
    guard count > 0 else { return [] }
    var best: [(value: Float, place: Int)] = []
    best.reserveCapacity(min(count, row.count) + 1)
    for place in row.indices where place != excluded {
      let value = row[place]
      if best.count == count {
        guard let last = best.last, value > last.value else { continue }
      } else if value.isNaN {
        continue
      }
      // From the end: equal values stay before the new one.
      var target = best.count
      while target > 0, best[target - 1].value < value { target -= 1 }
      best.insert((value, place), at: target)
      if best.count > count { best.removeLast() }
    }
    return best.map(\.place)
  }
}
