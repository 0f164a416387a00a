import Artifacts
import Tensors

/// A weight [rows, columns] of 8 bits with one scale a row: w ≈ scale · integer.
public struct QuantizedMatrix: Sendable, Equatable {
  /// In ±127, row by row.
  public var values: [Int8]
  public var scales: [Float]
  public let columns: Int

  public var rows: Int { scales.count }

  /// A scale below this has no finite inverse to multiply with: its row is one of zeros.
  private static let smallestScale: Float = 1e-35

  /// Quantizes rows: scale max|w| / 127 in f32, integers round(w · (1 / scale)), half to even; zero rows have scale 1.
  public init(quantizing weights: UnsafeBufferPointer<Float>, columns: Int) {
    self.columns = columns
    let rows = columns > 0 ? weights.count / columns : 0
    var scales = [Float](repeating: 1, count: rows)
    values = [Int8](unsafeUninitializedCapacity: rows * columns) { target, count in
      for row in 0..<rows {
        let part = UnsafeBufferPointer(rebasing: weights[row * columns..<(row + 1) * columns])
        var bound: Float = 0
        for weight in part { bound = max(bound, abs(weight)) }
        let scale = bound / 127
        let inverse = scale >= Self.smallestScale ? 1 / scale : 0
        if inverse > 0 { scales[row] = scale }
        for column in 0..<columns {
          let rounded = (part[column] * inverse).rounded(.toNearestOrEven)
          target[row * columns + column] = Int8(max(-127, min(127, rounded)))
        }
      }
      count = rows * columns
    }
    self.scales = scales
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
