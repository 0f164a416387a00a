import Tensors

/// AdamW on a table of which a batch reads few rows: rows that no batch reads are moved later, all their steps at once.
///
/// Momentum and decay move a row at every step, whether its gradient is 0 or not, so a row that was left out is behind.
/// Before it is read it catches up step by step, in registers; the bits are those of AdamW on the whole table, at
/// a fraction of its memory traffic.
final class LazyTable {
  let entry: ParameterLayout.Entry
  /// How it is updated.
  let run: ParameterRun
  private let moments: AdamWMoments
  private let width: Int
  private let values, first, second: FlatBuffer<Float>
  /// Steps that each row has had.
  private var done: [Int]
  /// Steps that the whole table has had at least, and the factors of those since.
  private var base = 0
  private var steps: [AdamWStep] = []
  /// Memory of `sum`, kept from step to step.
  private var room = RowSum(room: 0, width: 0)
  private static let rowsAtOnce = 32

  init(
    _ entry: ParameterLayout.Entry, run: ParameterRun, moments: AdamWMoments, values: FlatBuffer<Float>,
    first: FlatBuffer<Float>, second: FlatBuffer<Float>
  ) {
    (self.entry, self.run, self.moments) = (entry, run, moments)
    (self.values, self.first, self.second) = (values, first, second)
    width = entry.shape.dropFirst().reduce(1, *)
    done = [Int](repeating: 0, count: entry.shape.first ?? 0)
  }

  /// Brings rows up to the present step. They may repeat.
  func catchUp(_ rows: [Int32], team: ThreadTeam) throws {
    let now = base + steps.count
    var behind: [Int] = []
    var starts: [Int] = []
    for row in rows where done[Int(row)] < now {
      behind.append(Int(row))
      starts.append(done[Int(row)])
      done[Int(row)] = now
    }
    try inParts(behind.count, team) { index in
      rowRun(behind[index]).idle(steps[(starts[index] - base)...], moments)
    }
  }

  /// Brings all rows up to the present step and forgets the steps.
  func settle(team: ThreadTeam) throws {
    guard !steps.isEmpty else { return }
    try catchUp(done.indices.map { Int32($0) }, team: team)
    base += steps.count
    steps.removeAll(keepingCapacity: true)
  }

  /// Starts anew at a step at which all rows are up to date.
  func restart(at step: Int) {
    base = step
    steps.removeAll()
    for row in done.indices { done[row] = step }
  }

  /// The sum of the shards' row gradients, added in the shards' order.
  func sum(_ shards: [RowGradients<Float>], team: ThreadTeam) throws -> RowSum {
    var (rows, seen) = ([Int32](), Set<Int32>())
    for shard in shards { for row in shard.rows where seen.insert(row).inserted { rows.append(row) } }
    if room.squares.count < rows.count { room = RowSum(room: rows.count * 3 / 2, width: width) }
    room.rows = rows
    let sum = room
    try inParts(rows.count, team) { index in
      RowGradients.sum(of: rows[index], over: shards, into: sum.values.pointer + index * width)
      sum.squares.pointer[index] = sum.values.squaredNorm(index * width..<(index + 1) * width)
    }
    return sum
  }

  /// One step: the rows with gradients, which must be up to date, are moved; the others fall behind.
  func update(by sum: RowSum, step: AdamWStep, team: ThreadTeam) throws {
    steps.append(step)
    let now = base + steps.count
    for row in sum.rows { done[Int(row)] = now }
    try inParts(sum.rows.count, team) { index in
      rowRun(Int(sum.rows[index])).update(sum.values.pointer + index * width, step, moments)
    }
  }

  private func rowRun(_ row: Int) -> AdamWRun<Float> {
    let start = entry.offset + row * width
    return AdamWRun(start..<start + width, values: values, first: first, second: second)
  }

  private func inParts(_ count: Int, _ team: ThreadTeam, _ body: (Int) -> Void) throws {
    try team.run((count + Self.rowsAtOnce - 1) / Self.rowsAtOnce) { part, _ in
      for index in part * Self.rowsAtOnce..<min((part + 1) * Self.rowsAtOnce, count) { body(index) }
    }
  }
}

/// Gradients of some rows, summed over shards, with the squared norm of each; valid until the next sum.
struct RowSum {
  fileprivate(set) var rows: [Int32] = []
  fileprivate let values: FlatBuffer<Float>
  fileprivate let squares: FlatBuffer<Double>

  fileprivate init(room: Int, width: Int) {
    values = FlatBuffer(count: room * width)
    squares = FlatBuffer(count: room)
  }

  var squaredNorm: Double { squares.buffer.prefix(rows.count).reduce(0, +) }
}
