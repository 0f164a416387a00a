import CKernels

/// A matrix [rows, columns] of a graph's current pass: an input, a parameter or an operation's result.
///
/// It is a handle: its elements live in the graph's arena (or in a flat buffer) and are gone after `Graph.begin`.
public struct Tensor<Element: TensorElement> {
  public let rows: Int
  public let columns: Int
  /// The first element; rows are dense.
  public let pointer: UnsafeMutablePointer<Element>
  let index: Int

  public var count: Int { rows * columns }
  /// A copy of the elements, row by row.
  public var values: [Element] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
}

/// What decides the random masks of a pass: nothing else does, neither threads nor how the batch is cut.
public struct Randomness: Sendable, Equatable {
  public var seed: UInt64
  public var step: Int
  public init(seed: UInt64, step: Int) { (self.seed, self.step) = (seed, step) }
}

/// What an activation does after a linear layer.
public enum Activation: String, Codable, Sendable {
  case identity
  /// x · Φ(x), the exact form with erf (Hendrycks and Gimpel 2016).
  case gelu
  case tanh, relu
  /// The approximation of GELU by tanh.
  case geluTanh

  /// Whether the derivative does not follow from the result, and is kept beside it.
  var keepsDerivative: Bool { self == .gelu || self == .geluTanh }

  var code: Int32 {
    switch self {
    case .identity: Int32(RETORT_IDENTITY.rawValue)
    case .gelu: Int32(RETORT_GELU.rawValue)
    case .tanh: Int32(RETORT_TANH.rawValue)
    case .relu: Int32(RETORT_RELU.rawValue)
    case .geluTanh: Int32(RETORT_GELU_TANH.rawValue)
    }
  }
}
