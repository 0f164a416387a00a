/// How urgent steps are: how long the longest way takes from the beginning of each to an end of the pipeline.
///
/// List scheduling by these lengths is the classic rule of thumb for the shortest whole (Graham 1969; Kohler 1975).
enum CriticalPath {
  /// - Parameters:
  ///   - seconds: what each step is known to take; nil where it is not, which then counts as the median of the known ones, and
  ///     as 1 where none is: so that without any history the number of steps decides. An empty list says nothing.
  ///   - inputs: the steps that each needs, all of them before it.
  static func lengths(_ count: Int, seconds: [Double?], inputs: (Int) -> some Sequence<Int>) -> [Double] {
    let known = seconds.compactMap(\.self).sorted()
    // What took no time at all still comes before what needs it.
    let usual = known.isEmpty ? 1 : max(known[known.count / 2], shortest)
    var lengths = [Double](repeating: 0, count: count)
    for step in (0..<count).reversed() {
      let own = seconds.indices.contains(step) ? seconds[step] ?? usual : usual
      lengths[step] += max(own, shortest)
      for input in inputs(step) where lengths[input] < lengths[step] { lengths[input] = lengths[step] }
    }
    return lengths
  }

  private static let shortest = 1e-6
}
