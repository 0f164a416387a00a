import Tensors

/// AdamW's state for one model, and its steps.
///
/// All sums go block by block (or row by row) in a fixed order, so the result does not depend on the number of threads.
final class Optimiser {
  let options: AdamW
  /// The limit of the gradient's norm; nil for none.
  let maximumNorm: Double?
  let first: FlatBuffer<Float>
  let second: FlatBuffer<Float>
  /// Updates done.
  private(set) var step = 0
  private let values: FlatBuffer<Float>
  private let moments: AdamWMoments
  private let blocks: [ParameterRun]
  private var table: LazyTable?
  private static let blockLength = 1 << 16

  /// - Parameter table: an entry whose gradients come row by row.
  init(
    _ options: AdamW, maximumNorm: Double?, layout: ParameterLayout, groups: [LayerGroup], values: FlatBuffer<Float>,
    table: ParameterLayout.Entry? = nil
  ) {
    self.options = options
    self.maximumNorm = maximumNorm
    self.values = values
    first = FlatBuffer(count: layout.count)
    second = FlatBuffer(count: layout.count)
    moments = AdamWMoments(beta1: options.beta1, beta2: options.beta2, epsilon: options.epsilon)
    let runs = layout.runs(groups: groups, apart: table, decaysAll: options.decaysAll)
    blocks = runs.filter { $0.range != table?.range }.flatMap { run in
      stride(from: run.range.lowerBound, to: run.range.upperBound, by: Self.blockLength).map { start in
        var block = run
        block.range = start..<min(start + Self.blockLength, run.range.upperBound)
        return block
      }
    }
    if let table, let run = runs.first(where: { $0.range == table.range }) {
      self.table = LazyTable(
        table, run: run, moments: moments, values: values, first: first, second: second)
    }
  }

  /// Goes on after `step` updates, with values and moments as they were then.
  func restart(at step: Int) {
    self.step = step
    table?.restart(at: step)
  }

  /// Brings rows of the table that a batch will read up to date.
  func catchUp(_ rows: [Int32], team: ThreadTeam) throws { try table?.catchUp(rows, team: team) }

  /// Brings all values and moments up to date.
  func settle(team: ThreadTeam) throws { try table?.settle(team: team) }

  /// Adds the shards' gradients in their order and takes one step.
  ///
  /// - Parameters:
  ///   - gradients: one a shard; the first one's dense part is overwritten by the sum.
  ///   - factor: the schedule's.
  /// - Returns: the norm of the summed gradient, before clipping, over what is clipped. Where it is not finite, nothing was updated.
  func update(by gradients: [ShardGradients<Float>], factor: Double, team: ThreadTeam) throws -> Double {
    let dense = gradients.map(\.dense)
    guard let sum = dense.first else { return 0 }
    let squares = FlatBuffer<Double>(count: blocks.count)
    try team.run(blocks.count) { index, _ in
      sum.sum(of: dense, blocks[index].range)
      squares.pointer[index] = sum.squaredNorm(blocks[index].range)
    }
    let rows = try table?.sum(gradients.compactMap(\.table), team: team)
    let rowSquares = rows?.squaredNorm ?? 0
    let clipped = zip(blocks, squares.buffer).reduce(0) { $0 + ($1.0.isClipped ? $1.1 : 0) }
    let norm = (clipped + (table?.run.isClipped == true ? rowSquares : 0)).squareRoot()
    guard squares.buffer.allSatisfy(\.isFinite), rowSquares.isFinite else { return .nan }
    let number = step + 1
    // `torch.nn.utils.clip_grad_norm_`'s factor.
    let clipping = maximumNorm.map { min(1, $0 / (norm + 1e-6)) } ?? 1
    func factors(_ run: ParameterRun) -> AdamWStep {
      moments.step(
        number, learningRate: options.learningRate * factor * run.rateFactor,
        decay: run.decays ? options.weightDecay : 0, gradientScale: run.isClipped ? clipping : 1)
    }
    try team.run(blocks.count) { index, _ in
      let block = blocks[index]
      AdamWRun(block.range, values: values, first: first, second: second).update(
        sum.pointer + block.range.lowerBound, factors(block), moments)
    }
    if let table, let rows { try table.update(by: rows, step: factors(table.run), team: team) }
    step = number
    return norm
  }
}
