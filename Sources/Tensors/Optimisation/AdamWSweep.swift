import CKernels

/// One step of AdamW over a run of a flat buffer (Loshchilov and Hutter 2019; PyTorch's order of operations).
///
/// A trainer sweeps each entry (or run of entries) with its own decay: values, gradients and moments share the layout.
public struct AdamWSweep: Sendable {
  public var learningRate: Double
  public var beta1 = 0.9
  public var beta2 = 0.999
  public var epsilon = 1e-8
  public var decay = 0.0
  /// Number of this update, from 1: it corrects the moments' bias.
  public var step: Int
  /// Gradients are multiplied by this first: clipping's factor.
  public var gradientScale = 1.0

  public init(learningRate: Double, decay: Double = 0, step: Int, gradientScale: Double = 1) {
    (self.learningRate, self.decay, self.step, self.gradientScale) = (learningRate, decay, step, gradientScale)
  }

  /// Updates `range` of values and both moments from the gradients; ranges may be swept in any order or at once.
  public func apply<Element: TensorElement>(
    _ range: Range<Int>, values: FlatBuffer<Element>, gradients: FlatBuffer<Element>, first: FlatBuffer<Element>,
    second: FlatBuffer<Element>
  ) {
    func power(_ base: Double) -> Double {
      var (result, square, exponent) = (1.0, base, step)
      while exponent > 0 {
        if exponent & 1 == 1 { result *= square }
        square *= square
        exponent >>= 1
      }
      return result
    }
    let start = range.lowerBound
    Element.kernels.pointee.adamw(
      values.pointer + start, gradients.pointer + start, first.pointer + start, second.pointer + start, range.count,
      learningRate, beta1, beta2, epsilon, decay, 1 - power(beta1), 1 - power(beta2), gradientScale)
  }
}
