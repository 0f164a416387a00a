import Artifacts

/// What shares one grid in a matrix [rows, columns].
public enum QuantizationGranularity: Sendable, Hashable, Codable {
  /// All of it.
  case tensor
  /// Each output row for itself.
  case channel
  /// So many neighbouring rows together; the last group may be shorter (Shen et al. 2020, Q-BERT §3.2).
  case group(rows: Int)
  /// So many neighbouring elements; the last bucket may be shorter (Polino et al. 2018 §2.1).
  case bucket(elements: Int)

  /// How many neighbouring elements share a grid.
  ///
  /// - Throws: `quantize.granularity` for groups of no rows or elements.
  public func run(rows: Int, columns: Int) throws -> Int {
    switch self {
    case .tensor: return max(1, rows * columns)
    case .channel: return max(1, columns)
    case .group(let count), .bucket(let count):
      guard count >= 1 else {
        throw refusal(
          "quantize.granularity", "\(count) rows or elements cannot share a grid.", field: "granularity",
          remedy: "Give at least 1.")
      }
      if case .group = self { return min(count, max(1, rows)) * max(1, columns) }
      return count
    }
  }
}

/// Puts numbers on uniform grids that their own ranges give.
///
/// ```swift
/// let four = try UniformQuantizer(.symmetric, bits: 4, granularity: .bucket(elements: 256)).quantize(weights)
/// ```
public struct UniformQuantizer: Sendable, Hashable, Codable {
  public var kind: UniformGrid.Kind
  public var bits: Int
  public var granularity: QuantizationGranularity

  /// - Parameter bits: 2 … 8.
  public init(_ kind: UniformGrid.Kind, bits: Int = 8, granularity: QuantizationGranularity = .tensor) {
    (self.kind, self.bits, self.granularity) = (kind, bits, granularity)
  }

  /// Quantizes a matrix [rows, columns].
  ///
  /// - Parameter columns: nil for a single row.
  /// - Throws: `quantize.notFinite`, `quantize.bits`, `quantize.granularity`, and `quantize.shape` for values that fill
  ///   no whole rows.
  public func quantize(_ values: [Float], columns: Int? = nil) throws -> GridValues {
    try values.withUnsafeBufferPointer { try quantize($0, columns: columns ?? values.count) }
  }

  /// The same from memory.
  public func quantize(_ values: UnsafeBufferPointer<Float>, columns: Int) throws -> GridValues {
    guard columns >= 1 ? values.count.isMultiple(of: columns) : values.isEmpty else {
      throw refusal("quantize.shape", "\(values.count) values do not fill rows of \(columns).")
    }
    let run = try granularity.run(rows: columns >= 1 ? values.count / columns : 0, columns: columns)
    var grids: [UniformGrid] = []
    let integers = try [Int8](unsafeUninitializedCapacity: values.count) { target, count in
      for start in stride(from: 0, to: values.count, by: run) {
        let part = UnsafeBufferPointer(rebasing: values[start..<min(start + run, values.count)])
        let grid = try UniformGrid(kind, over: ValueRange(of: part), bits: bits)
        grids.append(grid)
        for (index, value) in part.enumerated() {
          target[start + index] = Int8(truncatingIfNeeded: grid.integer(of: value))
          count = start + index + 1
        }
      }
    }
    return GridValues(integers: integers, grids: grids, run: run, isSigned: kind != .affine)
  }
}

/// Numbers on their grids.
public struct GridValues: Sendable, Hashable {
  /// The bits of each integer: signed on symmetric grids, unsigned (`UInt8(bitPattern:)`) on the affine one.
  public let integers: [Int8]
  /// One each `run` elements.
  public let grids: [UniformGrid]
  public let run: Int
  let isSigned: Bool

  /// An element's integer.
  public subscript(index: Int) -> Int32 {
    isSigned ? Int32(integers[index]) : Int32(UInt8(bitPattern: integers[index]))
  }

  /// The numbers that the integers stand for.
  public var floats: [Float] { integers.indices.map { grids[$0 / run].value(of: self[$0]) } }
}
