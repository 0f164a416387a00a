/// The order in which a recurrence walks over packed sequences: the longest first, so that those still live at a step are
/// the first rows of its product. Empty sequences take no part.
///
/// It lives in a pass's arena.
struct TimePlan {
  /// Sequences that are not empty.
  let count: Int
  /// Steps of the longest one.
  let stepCount: Int
  /// Row of each sequence's first step.
  let starts: UnsafeMutablePointer<Int32>
  /// Number of each sequence in the batch.
  let sequences: UnsafeMutablePointer<Int32>
  /// Rows between a step and the next.
  let direction: Int
  private let lengths: UnsafeMutablePointer<Int32>

  init(lengths all: [Int], offsets: [Int32], backwards: Bool, arena: Arena) {
    let order = all.indices.filter { all[$0] > 0 }.sorted { (-all[$0], $0) < (-all[$1], $1) }
    (count, direction) = (order.count, backwards ? -1 : 1)
    stepCount = order.first.map { all[$0] } ?? 0
    starts = arena.allocate(Int32.self, order.count)
    sequences = arena.allocate(Int32.self, order.count)
    lengths = arena.allocate(Int32.self, order.count)
    for (place, sequence) in order.enumerated() {
      starts[place] = backwards ? offsets[sequence + 1] - 1 : offsets[sequence]
      sequences[place] = Int32(sequence)
      lengths[place] = Int32(all[sequence])
    }
  }

  /// How many sequences have the step, sought downwards from those of an earlier step.
  func live(at step: Int, below earlier: Int) -> Int {
    var live = earlier
    while live > 0, Int(lengths[live - 1]) <= step { live -= 1 }
    return live
  }

  /// How many sequences have the step, sought upwards from those of a later step.
  func live(at step: Int, above later: Int) -> Int {
    var live = later
    while live < count, Int(lengths[live]) > step { live += 1 }
    return live
  }

  /// Row of a sequence's last step.
  func lastRow(_ place: Int) -> Int { Int(starts[place]) + direction * (Int(lengths[place]) - 1) }
}
