import Models
import Tensors

/// AdamW's state for one model, and its steps.
///
/// All sums go block by block in a fixed order, so the result does not depend on the number of threads.
final class Optimiser {
  let options: AdamW
  /// The limit of the gradient's norm; nil for none.
  let maximumNorm: Double?
  let first: FlatBuffer<Float>
  let second: FlatBuffer<Float>
  /// Updates done.
  var step = 0
  private let blocks: [ParameterRun]
  private static let blockLength = 1 << 16

  init(_ options: AdamW, maximumNorm: Double?, layout: ParameterLayout, groups: [LayerGroup]) {
    self.options = options
    self.maximumNorm = maximumNorm
    first = FlatBuffer(count: layout.count)
    second = FlatBuffer(count: layout.count)
    blocks = layout.runs(groups: groups).flatMap { run in
      stride(from: run.range.lowerBound, to: run.range.upperBound, by: Self.blockLength).map { start in
        var block = run
        block.range = start..<min(start + Self.blockLength, run.range.upperBound)
        return block
      }
    }
  }

  /// Adds the shards' gradients in their order and takes one step.
  ///
  /// - Parameters:
  ///   - gradients: one buffer a shard; the first is overwritten by the sum.
  ///   - factor: the schedule's.
  /// - Returns: the norm of the summed gradient, before clipping, over what is clipped. Where it is not finite, nothing was updated.
  func update(
    _ values: FlatBuffer<Float>, by gradients: [FlatBuffer<Float>], factor: Double, team: ThreadTeam
  ) throws -> Double {
    guard let sum = gradients.first else { return 0 }
    let squares = FlatBuffer<Double>(count: blocks.count)
    try team.run(blocks.count) { index, _ in
      sum.sum(of: gradients, blocks[index].range)
      squares.pointer[index] = sum.squaredNorm(blocks[index].range)
    }
    let norm = zip(blocks, squares.buffer).reduce(0) { $0 + ($1.0.isClipped ? $1.1 : 0) }.squareRoot()
    guard squares.buffer.allSatisfy(\.isFinite) else { return .nan }
    step += 1
    // `torch.nn.utils.clip_grad_norm_`'s factor.
    let clipping = maximumNorm.map { min(1, $0 / (norm + 1e-6)) } ?? 1
    try team.run(blocks.count) { index, _ in
      let block = blocks[index]
      var sweep = AdamWSweep(
        learningRate: options.learningRate * factor * block.rateFactor,
        decay: block.decays ? options.weightDecay : 0, step: step, gradientScale: block.isClipped ? clipping : 1)
      sweep.beta1 = options.beta1
      sweep.beta2 = options.beta2
      sweep.epsilon = options.epsilon
      sweep.apply(block.range, values: values, gradients: sum, first: first, second: second)
    }
    return norm
  }
}
