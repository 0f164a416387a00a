import Tensors

/// Which part each example of a file goes to: whole groups, each label by itself, drawn by a seed.
struct TaskParts {
  enum Part: UInt8 {
    case train, dev, test
  }

  /// For each example, in the file's order.
  private(set) var parts: [Part]

  /// Everything to train on.
  init(all count: Int) { parts = [Part](repeating: .train, count: count) }

  /// Draws the parts.
  ///
  /// - Parameters:
  ///   - labels: the labels by the numbers of the summary's strata; empty where there are none.
  ///   - dev, test: shares of the examples, reached by whole groups.
  init(_ rows: RowSummary, labels: [String], dev: Double, test: Double, seed: UInt64) {
    self.init(all: rows.count)
    guard dev > 0 || test > 0 else { return }
    let groups = Groups(rows.groups)
    // A group counts for the label of its first example.
    var strata: [Int32: [UInt32]] = [:]
    for first in groups.firsts { strata[rows.strata[Int(first)], default: []].append(first) }
    let order = strata.keys.sorted { left, right in
      guard labels.indices.contains(Int(left)), labels.indices.contains(Int(right)) else { return left < right }
      return labels[Int(left)].utf8.lexicographicallyPrecedes(labels[Int(right)].utf8)
    }
    for (number, stratum) in order.enumerated() {
      let candidates = strata[stratum] ?? []
      let total = candidates.reduce(0) { $0 + groups.members(ofGroupWithFirst: $1).count }
      let wanted: [(Part, Int)] = [
        (.test, Int((test * Double(total)).rounded())), (.dev, Int((dev * Double(total)).rounded())),
      ]
      var random = RandomStream(seed: seed, purpose: .shuffling, step: number)
      var drawn = random.permutation(candidates.count)[...]
      for (part, count) in wanted {
        var taken = 0
        while taken < count, let next = drawn.popFirst() {
          let members = groups.members(ofGroupWithFirst: candidates[next])
          for member in members { parts[Int(member)] = part }
          taken += members.count
        }
      }
    }
  }

  func count(_ part: Part) -> Int { parts.count { $0 == part } }

  /// Examples with equal hashes, in flat arrays: a file may have many millions.
  private struct Groups {
    /// The examples, equal hashes side by side, each group in the file's order.
    private let sorted: [UInt32]
    /// Where in `sorted` the group of an example begins, if it is the first of it.
    private var starts: [UInt32]
    /// The first example of each group, in the file's order.
    private(set) var firsts: [UInt32] = []
    private let hashes: [UInt64]

    init(_ hashes: [UInt64]) {
      self.hashes = hashes
      sorted = (0..<UInt32(hashes.count)).sorted { (hashes[Int($0)], $0) < (hashes[Int($1)], $1) }
      starts = [UInt32](repeating: .max, count: hashes.count)
      for (place, example) in sorted.enumerated()
      where place == 0 || hashes[Int(sorted[place - 1])] != hashes[Int(example)] {
        starts[Int(example)] = UInt32(place)
      }
      firsts = (0..<UInt32(hashes.count)).filter { starts[Int($0)] != .max }
    }

    func members(ofGroupWithFirst first: UInt32) -> ArraySlice<UInt32> {
      let start = Int(starts[Int(first)])
      var end = start + 1
      while end < sorted.count, hashes[Int(sorted[end])] == hashes[Int(first)] { end += 1 }
      return sorted[start..<end]
    }
  }
}

/// How much of a part is in another.
struct PartOverlap {
  /// Distinct hashes of the training part, ascending.
  private let known: [UInt64]

  init(train hashes: [UInt64]) { known = hashes.sorted() }

  /// How many of some hashes are in the training part.
  func count(of hashes: [UInt64]) -> Int { hashes.count { contains($0) } }

  private func contains(_ hash: UInt64) -> Bool {
    var (low, high) = (0, known.count)
    while low < high {
      let middle = (low + high) / 2
      if known[middle] < hash { low = middle + 1 } else { high = middle }
    }
    return low < known.count && known[low] == hash
  }
}
