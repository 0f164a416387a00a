import CKernels

/// The grid of quantized activations.
public enum Int8Grid: Sendable {
  /// s8: max|x| / 127, integers in ±127.
  case symmetric
  /// u8 with a zero point: (max − min) / 255 over a range that holds 0 (ONNX `DynamicQuantizeLinear`).
  case affine

  fileprivate var code: Int32 { Int32((self == .symmetric ? RETORT_INT8_SYMMETRIC : RETORT_INT8_AFFINE).rawValue) }

  /// The largest integer: of 8 bits, or of 7 where the range is reduced.
  fileprivate func top(isReduced: Bool) -> Int32 {
    switch self {
    case .symmetric: isReduced ? 63 : 127
    case .affine: isReduced ? 127 : 255
    }
  }
}

/// Activations on a grid of 8 bits, in memory that the caller owns: x ≈ scale · (value − zero).
public struct Int8Rows {
  public let rows: Int
  public let columns: Int
  /// u8 values [rows, columns], rows `stride` bytes apart; on the symmetric grid the integer plus 128.
  public let values: UnsafePointer<UInt8>
  public let stride: Int
  public let scales: UnsafePointer<Float>
  public let zeros: UnsafePointer<Int32>

  /// Bytes that quantized rows take.
  public static func byteCount(rows: Int, columns: Int) -> Int { rows * (8 + stride(columns)) }

  private static func stride(_ columns: Int) -> Int { (columns + 3) / 4 * 4 }

  /// Quantizes dense rows, rounding half to even, on the grid that their own range gives.
  ///
  /// - Parameters:
  ///   - shared: all rows on one scale instead of one each.
  ///   - isReduced: 7 bits: 0 … 127 on the affine grid, ±63 on the symmetric one.
  ///   - memory: `byteCount` bytes, 64-byte aligned.
  public init(
    quantizing x: UnsafePointer<Float>, rows: Int, columns: Int, grid: Int8Grid, shared: Bool, isReduced: Bool = false,
    in memory: UnsafeMutableRawPointer, instructionSet: String? = nil
  ) {
    let kernels = instructionSet.map { Int8Kernels.choice($0) } ?? Int8Kernels.current
    self.init(rows: rows, columns: columns, in: memory) { values, stride, scales, zeros in
      kernels.pointee.quantize(
        x, rows, columns, grid.code, grid.top(isReduced: isReduced), shared ? 1 : 0, values, stride, scales, zeros)
    }
  }

  /// The same on a grid that is known beforehand; values outside of it become its ends.
  ///
  /// - Parameters:
  ///   - scale: above 0.
  ///   - zero: the integer of 0: in 0 … 255 on the affine grid, without a meaning on the symmetric one.
  public init(
    quantizing x: UnsafePointer<Float>, rows: Int, columns: Int, grid: Int8Grid, scale: Float, zero: Int32,
    isReduced: Bool = false, in memory: UnsafeMutableRawPointer, instructionSet: String? = nil
  ) {
    let kernels = instructionSet.map { Int8Kernels.choice($0) } ?? Int8Kernels.current
    self.init(rows: rows, columns: columns, in: memory) { values, stride, scales, zeros in
      kernels.pointee.quantize_fixed(
        x, rows, columns, grid.code, grid.top(isReduced: isReduced), scale, grid == .symmetric ? 128 : zero, values,
        stride, scales, zeros)
    }
  }

  private init(
    rows: Int, columns: Int, in memory: UnsafeMutableRawPointer,
    _ fill: (UnsafeMutablePointer<UInt8>, Int, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Int32>) -> Void
  ) {
    let scales = memory.bindMemory(to: Float.self, capacity: max(rows, 1))
    let zeros = (memory + 4 * rows).bindMemory(to: Int32.self, capacity: max(rows, 1))
    let values = (memory + 8 * rows).bindMemory(to: UInt8.self, capacity: max(rows, 1))
    (self.rows, self.columns, stride) = (rows, columns, Self.stride(columns))
    fill(values, stride, scales, zeros)
    (self.values, self.scales, self.zeros) = (UnsafePointer(values), UnsafePointer(scales), UnsafePointer(zeros))
  }

  var description: retort_int8_rows {
    retort_int8_rows(values: values, stride: stride, rows: rows, scales: scales, zeros: zeros)
  }
}
