import CKernels

/// The grid of quantized activations.
public enum Int8Grid: Sendable {
  /// s8: max|x| / 127, integers in ±127.
  case symmetric
  /// u8 with a zero point: (max − min) / 255 over a range that holds 0 (ONNX `DynamicQuantizeLinear`).
  case affine
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

  /// Quantizes dense rows, rounding half to even.
  ///
  /// - Parameters:
  ///   - shared: all rows on one scale instead of one each.
  ///   - memory: `byteCount` bytes, 64-byte aligned.
  public init(
    quantizing x: UnsafePointer<Float>, rows: Int, columns: Int, grid: Int8Grid, shared: Bool,
    in memory: UnsafeMutableRawPointer, instructionSet: String? = nil
  ) {
    let kernels = instructionSet.map { Int8Kernels.choice($0) } ?? Int8Kernels.current
    let scales = memory.bindMemory(to: Float.self, capacity: max(rows, 1))
    let zeros = (memory + 4 * rows).bindMemory(to: Int32.self, capacity: max(rows, 1))
    let values = (memory + 8 * rows).bindMemory(to: UInt8.self, capacity: max(rows, 1))
    (self.rows, self.columns, stride) = (rows, columns, Self.stride(columns))
    let code = grid == .symmetric ? RETORT_INT8_SYMMETRIC : RETORT_INT8_AFFINE
    kernels.pointee.quantize(x, rows, columns, Int32(code.rawValue), shared ? 1 : 0, values, stride, scales, zeros)
    (self.values, self.scales, self.zeros) = (UnsafePointer(values), UnsafePointer(scales), UnsafePointer(zeros))
  }

  var description: retort_int8_rows {
    retort_int8_rows(values: values, stride: stride, rows: rows, scales: scales, zeros: zeros)
  }
}
