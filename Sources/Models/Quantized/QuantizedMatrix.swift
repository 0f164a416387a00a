import Artifacts
import Tensors

/// A weight [rows, columns] of 8 bits with one scale a row: w ≈ scale · integer.
public struct QuantizedMatrix: Sendable, Equatable {
  /// Row by row.
  public var values: [Int8]
  /// One a row; rows that share a grid have the same.
  public var scales: [Float]
  public let columns: Int

  public var rows: Int { scales.count }

  /// Quantizes rows on the convention's grid for weights; rows of zeros have scale 1.
  ///
  /// - Throws: `quantize.notFinite` for NaN or an infinity, `quantize.shape` for values that fill no whole rows.
  public init(
    quantizing weights: UnsafeBufferPointer<Float>, columns: Int, convention: Int8Convention = Int8Convention()
  ) throws {
    let quantized = try convention.weightQuantizer.quantize(weights, columns: columns)
    let rows = columns > 0 ? weights.count / columns : 0
    self.init(
      values: quantized.integers, scales: (0..<rows).map { quantized.grids[$0 * columns / quantized.run].scale },
      columns: columns)
  }

  init(values: [Int8], scales: [Float], columns: Int) {
    (self.values, self.scales, self.columns) = (values, scales, columns)
  }

  /// The weights that the integers stand for.
  public var floats: [Float] {
    values.indices.map { Float(values[$0]) * scales[$0 / columns] }
  }

  /// Rows of both, one after the other.
  static func stacked(_ parts: [QuantizedMatrix]) -> QuantizedMatrix {
    QuantizedMatrix(
      values: parts.flatMap(\.values), scales: parts.flatMap(\.scales), columns: parts.first?.columns ?? 0)
  }
}
