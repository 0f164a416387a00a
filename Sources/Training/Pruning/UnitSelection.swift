import Models

/// Chooses the units that stay by their scores. Of equal scores the earlier unit stays.
public enum UnitSelection {
  /// The best of each block.
  ///
  /// - Parameters:
  ///   - scores: one for every unit of each block, those that are gone included.
  ///   - kept: what there still is, ascending.
  ///   - counts: how many stay in each block.
  public static func even(_ scores: [[Double]], among kept: [[Int]], leaving counts: [Int]) -> [[Int]] {
    zip(kept, zip(scores, counts)).map { units, rest in
      Array(ranked(units, by: rest.0).prefix(max(0, rest.1))).sorted()
    }
  }

  /// The best of all blocks together, in groups that are formed inside a block: its lowest scores, the next ones, and so
  /// on; a group's score is the sum.
  ///
  /// A block that lost everything gets its best group back, so more may stay than was asked for.
  ///
  /// - Parameters:
  ///   - total: units that stay in all blocks; what is no multiple of `group` is rounded down.
  ///   - group: units of a group. Where it does not divide a block's units, the best group is a short one.
  public static func uneven(
    _ scores: [[Double]], among kept: [[Int]], leaving total: Int, groupsOf group: Int = 1
  ) -> [[Int]] {
    let size = max(1, group)
    var groups: [(block: Int, units: [Int], score: Double)] = []
    for (block, units) in kept.enumerated() {
      let ascending = Array(ranked(units, by: scores[block]).reversed())
      // From the best group down, so that of equal groups the one with the better units comes first.
      for start in stride(from: 0, to: ascending.count, by: size).reversed() {
        let members = Array(ascending[start..<min(start + size, ascending.count)])
        groups.append((block, members, members.reduce(0) { $0 + scores[block][$1] }))
      }
    }
    let order = groups.indices.sorted { one, other in
      groups[one].score != groups[other].score ? groups[one].score > groups[other].score : one < other
    }
    var result = [[Int]](repeating: [], count: kept.count)
    for place in order.prefix(max(0, total) / size) { result[groups[place].block] += groups[place].units }
    for block in result.indices where result[block].isEmpty {
      result[block] = order.first { groups[$0].block == block }.map { groups[$0].units } ?? []
    }
    return result.map { $0.sorted() }
  }

  /// Units from the highest score down.
  private static func ranked(_ units: [Int], by scores: [Double]) -> [Int] {
    units.sorted { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 }
  }
}
