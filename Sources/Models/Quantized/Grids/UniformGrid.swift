import Artifacts

/// A uniform grid of integers for real numbers: x ≈ scale · (q − zero).
///
/// Rounding is half to even; what lies outside of the grid becomes its nearest end; 0 is a point of every grid. Inside
/// its range a number is at most half a step from its point.
public struct UniformGrid: Sendable, Hashable {
  /// Which integers there are, and how they lie about 0.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// −M … M with M = 2^(bits−1) − 1, step max|x| / M (ONNX Runtime's signed symmetric grid; TensorFlow's narrow range).
    case symmetric
    /// −M − 1 … M, step 2 · max|x| / (2^bits − 1): PyTorch's `per_tensor_symmetric` and `per_channel_symmetric` of qint8.
    case symmetricFull
    /// 0 … 2^bits − 1 with a zero point, step (max − min) / (2^bits − 1) over a range that holds 0 (PyTorch's
    /// `per_tensor_affine` of quint8, ONNX's QuantizeLinear of u8).
    case affine
  }

  public let kind: Kind
  /// From one point to the next; above 0.
  public let scale: Float
  /// The integer of 0.
  public let zero: Int32
  public let integers: ClosedRange<Int32>

  /// PyTorch's least step: 2⁻²³. The symmetric grid has none, so that rows of tiny weights keep their precision.
  public static let leastStep: Float = 0x1p-23
  /// A step below this has no finite inverse to multiply with.
  private static let smallestDivisor: Float = 1e-35

  /// The grid of `kind` for numbers in `range`; where that is 0 alone, the scale is 1.
  ///
  /// - Parameter bits: 2 … 8.
  /// - Throws: `quantize.bits`.
  public init(_ kind: Kind, over range: ValueRange, bits: Int = 8) throws {
    guard (2...8).contains(bits) else {
      throw refusal("quantize.bits", "Integers of \(bits) bits were asked for.", field: "bits", remedy: "Give 2 … 8.")
    }
    self.kind = kind
    let half = Int32(1) << (bits - 1)
    let bound = max(-range.low, range.high)
    let step: Float
    switch kind {
    case .symmetric:
      integers = -(half - 1)...(half - 1)
      step = bound / Float(half - 1)
    case .symmetricFull:
      integers = -half...(half - 1)
      step = bound / ((Float(2 * half) - 1) / 2)
    case .affine:
      integers = 0...(2 * half - 1)
      step = (range.high - range.low) / Float(2 * half - 1)
    }
    guard step >= Self.smallestDivisor else {
      (scale, zero) = (1, 0)
      return
    }
    scale = kind == .symmetric ? step : max(step, Self.leastStep)
    guard kind == .affine else {
      zero = 0
      return
    }
    zero = min(integers.upperBound, max(0, -Int32((range.low / scale).rounded(.toNearestOrEven))))
  }

  /// The integer of a number: round(x · (1 / scale)) on symmetric grids, as PyTorch has it, and round(x / scale) on the
  /// affine one, as ONNX has it. An infinity becomes an end, NaN the integer of 0.
  public func integer(of x: Float) -> Int32 {
    let place = kind == .affine ? x / scale : x * (1 / scale)
    guard !place.isNaN else { return zero }
    // More than any grid has, so that the conversion cannot trap.
    let rounded = Int32(max(-1024, min(1024, place.rounded(.toNearestOrEven)))) + zero
    return max(integers.lowerBound, min(integers.upperBound, rounded))
  }

  /// The number that an integer stands for.
  public func value(of integer: Int32) -> Float { scale * Float(integer - zero) }

  /// The number's nearest point on the grid.
  public func nearest(to x: Float) -> Float { value(of: integer(of: x)) }
}

/// The least and the largest of some numbers, and 0 between them.
public struct ValueRange: Sendable, Hashable {
  /// At most 0.
  public let low: Float
  /// At least 0.
  public let high: Float

  /// Widened to hold 0.
  ///
  /// - Throws: `quantize.notFinite` for NaN or an infinity.
  public init(_ low: Float, _ high: Float) throws {
    guard low.isFinite, high.isFinite, high - low < .infinity else {
      throw refusal(
        "quantize.notFinite", "A range of \(low) … \(high) has no grid.",
        remedy: "NaN and infinities cannot be quantized; look for the training that made them.")
    }
    self.low = min(0, low, high)
    self.high = max(0, low, high)
  }

  /// Of the numbers themselves; 0 … 0 where there are none.
  ///
  /// - Throws: `quantize.notFinite` with the place of the first.
  public init(of values: some Collection<Float>) throws {
    var (low, high): (Float, Float) = (0, 0)
    for (index, value) in values.enumerated() {
      guard value.isFinite else {
        throw refusal(
          "quantize.notFinite", "Element \(index) is \(value).",
          remedy: "NaN and infinities cannot be quantized; look for the training that made them.")
      }
      low = min(low, value)
      high = max(high, value)
    }
    try self.init(low, high)
  }
}
