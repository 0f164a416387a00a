import CKernels

/// What the steps of one AdamW share (Loshchilov and Hutter 2019).
public struct AdamWMoments: Sendable, Hashable {
  public var beta1: Double
  public var beta2: Double
  public var epsilon: Double

  public init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8) {
    (self.beta1, self.beta2, self.epsilon) = (beta1, beta2, epsilon)
  }

  /// The factors of update number `step` (from 1, whose size corrects the moments' bias), in PyTorch's order of operations.
  ///
  /// - Parameter gradientScale: gradients are multiplied by this first: clipping's factor.
  public func step(_ step: Int, learningRate: Double, decay: Double = 0, gradientScale: Double = 1) -> AdamWStep {
    AdamWStep(
      factors: retort_adamw_step(
        kept: 1 - learningRate * decay, size: learningRate / (1 - Self.power(beta1, step)),
        root: 1 / (1 - Self.power(beta2, step)).squareRoot(), gradient_scale: gradientScale))
  }

  /// By squaring: the C library's `pow` may differ between systems.
  private static func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, square, exponent) = (1.0, base, exponent)
    while exponent > 0 {
      if exponent & 1 == 1 { result *= square }
      square *= square
      exponent >>= 1
    }
    return result
  }

  fileprivate var options: retort_adamw { retort_adamw(beta1: beta1, beta2: beta2, epsilon: epsilon) }
}

/// The factors of one update.
public struct AdamWStep: Sendable {
  fileprivate var factors: retort_adamw_step
}

/// A run of parameters with their moments, all of the same length. It is valid as long as its buffers live.
public struct AdamWRun<Element: TensorElement> {
  let values, first, second: UnsafeMutablePointer<Element>
  let count: Int

  /// `range` of three buffers of one layout.
  public init(
    _ range: Range<Int>, values: FlatBuffer<Element>, first: FlatBuffer<Element>, second: FlatBuffer<Element>
  ) {
    let start = range.lowerBound
    self.values = values.pointer + start
    self.first = first.pointer + start
    self.second = second.pointer + start
    count = range.count
  }

  /// One update from the gradients [count]; runs may be updated in any order or at once.
  public func update(_ gradients: UnsafePointer<Element>, _ step: AdamWStep, _ moments: AdamWMoments) {
    var (options, factors) = (moments.options, step.factors)
    Element.kernels.pointee.adamw(values, gradients, first, second, count, &options, &factors)
  }

  /// Updates at which the gradients were 0, one after another: the same bits as that many calls of `update`.
  public func idle(_ steps: ArraySlice<AdamWStep>, _ moments: AdamWMoments) {
    var options = moments.options
    steps.withUnsafeBufferPointer { steps in
      steps.withMemoryRebound(to: retort_adamw_step.self) {
        Element.kernels.pointee.adamw_idle(values, first, second, count, &options, $0.baseAddress, $0.count)
      }
    }
  }
}
