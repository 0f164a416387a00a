import Artifacts

/// How the integers of a quantized model stand for real numbers: written into its folder, named in plans and reports.
///
/// Weights are quantized once, embedding tables on the same grid as linear layers. Activations are quantized as a layer
/// takes them, on a scale of their own range (dynamic) or of a range that calibration found (static). Biases and layer
/// norms stay f32, and so does what a layer gives: y = s_x · s_w · (Σ (q_x − z_x) · q_w) + b.
public struct Int8Convention: Sendable, Equatable, Hashable, Codable {
  /// What shares one activation scale.
  public enum Granularity: String, Sendable, Codable, CaseIterable {
    /// Each token for itself: an answer does not depend on what else is in the batch.
    case row
    /// The whole batch, as ONNX's and PyTorch's dynamic quantization do it. Static scales are of this kind.
    case tensor
  }

  /// The grid of activations.
  public enum Grid: String, Sendable, Codable, CaseIterable {
    /// s8: `max|x| / 127`, integers in ±127, no zero point.
    case symmetric
    /// u8: `(max − min) / 255` over a range widened to hold 0, with a zero point (ONNX `DynamicQuantizeLinear`).
    case affine
  }

  /// Where the range of activations comes from.
  public enum Ranges: String, Sendable, Codable, CaseIterable {
    /// From the numbers themselves, anew in each product.
    case dynamic
    /// From a calibration set, once: every text meets the same scales.
    case `static`
  }

  /// The grid of weights; both are symmetric.
  public enum WeightGrid: String, Sendable, Codable, CaseIterable {
    /// `max|w| / 127`, integers in ±127 (ONNX Runtime's signed weights).
    case narrow = "symmetric"
    /// `2 · max|w| / 255`, integers −128 … 127, the step at least 2⁻²³ (PyTorch's `qint8` weights).
    case full = "symmetric-full"
  }

  /// What shares one weight scale.
  public enum WeightGranularity: String, Sendable, Codable, CaseIterable {
    /// Each output (or embedding) for itself: PyTorch's and ONNX's `per_channel`.
    case row
    /// The whole matrix, ONNX Runtime's default.
    case tensor
  }

  public var granularity: Granularity
  public var grid: Grid
  public let ranges: Ranges
  /// Activations of 7 bits: 0 … 127 on the affine grid, ±63 on the symmetric one.
  ///
  /// Kernels for CPUs without VNNI add two products of a byte each in 16 bits, where 2 · 255 · 127 saturates and
  /// 2 · 127 · 127 does not; PyTorch therefore reduces the range on x86 by default. Retort's own loops are exact with 8
  /// bits everywhere: the option is for equal integers, and costs half the precision.
  public var reducesRange: Bool
  public var weights: WeightGrid
  public var weightGranularity: WeightGranularity

  /// Activations on scales of their own ranges.
  public init(
    granularity: Granularity = .row, grid: Grid = .symmetric, reducesRange: Bool = false, weights: WeightGrid = .narrow,
    weightGranularity: WeightGranularity = .row
  ) {
    (self.granularity, self.grid, ranges, self.reducesRange) = (granularity, grid, .dynamic, reducesRange)
    (self.weights, self.weightGranularity) = (weights, weightGranularity)
  }

  private init(fixed grid: Grid, reducesRange: Bool, weights: WeightGrid, weightGranularity: WeightGranularity) {
    (granularity, self.grid, ranges, self.reducesRange) = (.tensor, grid, .static, reducesRange)
    (self.weights, self.weightGranularity) = (weights, weightGranularity)
  }

  /// Activations on one scale a layer, which calibration fixes.
  public static func fixed(
    grid: Grid = .affine, reducesRange: Bool = false, weights: WeightGrid = .narrow,
    weightGranularity: WeightGranularity = .row
  ) -> Int8Convention {
    Int8Convention(fixed: grid, reducesRange: reducesRange, weights: weights, weightGranularity: weightGranularity)
  }

  /// Bits of an activation.
  public var activationBits: Int { reducesRange ? 7 : 8 }

  /// Whether an answer depends on its neighbours in the batch.
  public var sharesScales: Bool { ranges == .dynamic && granularity == .tensor }

  /// Puts weights on their grid.
  var weightQuantizer: UniformQuantizer {
    UniformQuantizer(
      weights == .narrow ? .symmetric : .symmetricFull, granularity: weightGranularity == .row ? .channel : .tensor)
  }

  /// The grid of activations in a known range.
  public func activationGrid(over range: ValueRange) throws -> UniformGrid {
    try UniformGrid(grid == .affine ? .affine : .symmetric, over: range, bits: activationBits)
  }
}
