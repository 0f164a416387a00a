import Tensors

/// Shares out rows: whole groups of equal texts, each label by itself, drawn by a seed; rows keep their order.
struct TaskParts {
  private(set) var train: [TaskTable.Row] = []
  private(set) var dev: [TaskTable.Row] = []
  private(set) var test: [TaskTable.Row] = []

  private let rows: [TaskTable.Row]
  private let shares: (dev: Double, test: Double)

  init(_ table: TaskTable, takingDev dev: Double, test: Double) {
    rows = table.rows
    shares = (dev, test)
  }

  private enum Part { case train, dev, test }

  mutating func draw(seed: UInt64) {
    var members: [String: [Int]] = [:]
    var order: [String] = []
    for (index, row) in rows.enumerated() {
      let group = row.group ?? Self.normal(row)
      if members[group] == nil { order.append(group) }
      members[group, default: []].append(index)
    }
    // A group counts for the label of its first row.
    var groups: [String: [[Int]]] = [:]
    for group in order {
      guard let indices = members[group], let first = indices.first else { continue }
      groups[rows[first].label, default: []].append(indices)
    }
    var part = [Part](repeating: .train, count: rows.count)
    let labels = groups.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    for (number, label) in labels.enumerated() {
      let candidates = groups[label] ?? []
      let total = candidates.reduce(0) { $0 + $1.count }
      let wanted: [(Part, Int)] = [
        (.test, Int((shares.test * Double(total)).rounded())), (.dev, Int((shares.dev * Double(total)).rounded())),
      ]
      var random = RandomStream(seed: seed, purpose: .shuffling, step: number)
      var drawn = random.permutation(candidates.count)[...]
      for (kind, count) in wanted {
        var taken = 0
        while taken < count, let next = drawn.popFirst() {
          for index in candidates[next] { part[index] = kind }
          taken += candidates[next].count
        }
      }
    }
    for (index, row) in rows.enumerated() {
      switch part[index] {
      case .train: train.append(row)
      case .dev: dev.append(row)
      case .test: test.append(row)
      }
    }
  }

  /// What makes two texts the same: case and spacing do not count.
  static func normal(_ row: TaskTable.Row) -> String {
    [row.text, row.pair ?? ""]
      .map { $0.lowercased().split { $0.isWhitespace }.joined(separator: " ") }
      .joined(separator: "\t")
  }
}
