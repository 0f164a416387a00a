import CKernels

/// The element of a tensor: `Float` for work, `Double` for gradient checks.
public protocol TensorElement: BinaryFloatingPoint, BitwiseCopyable, Sendable {
  /// The hot loops for this element.
  static var kernels: UnsafePointer<retort_kernels> { get }

  /// C = alpha · op(A) · op(B) + beta · C, all row-major; op(A) is [m, k], op(B) [k, n].
  static func multiply(
    _ blas: BLAS, _ shape: MatrixProduct, alpha: Self, _ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>, beta: Self,
    _ c: UnsafeMutablePointer<Self>)
}

/// The shape of one matrix product and the row strides of its operands.
public struct MatrixProduct: Sendable {
  var rows, columns, depth: Int
  var transposesLeft, transposesRight: Bool
  var leftStride, rightStride, resultStride: Int

  /// Describes `op(A) [rows, depth] · op(B) [depth, columns]` with dense rows unless strides are given.
  public init(
    rows: Int, columns: Int, depth: Int, transposesLeft: Bool = false, transposesRight: Bool = false,
    leftStride: Int? = nil, rightStride: Int? = nil, resultStride: Int? = nil
  ) {
    (self.rows, self.columns, self.depth) = (rows, columns, depth)
    (self.transposesLeft, self.transposesRight) = (transposesLeft, transposesRight)
    self.leftStride = leftStride ?? (transposesLeft ? rows : depth)
    self.rightStride = rightStride ?? (transposesRight ? depth : columns)
    self.resultStride = resultStride ?? columns
  }
}

extension Float: TensorElement {
  public static var kernels: UnsafePointer<retort_kernels> { Kernels.float }

  public static func multiply(
    _ blas: BLAS, _ shape: MatrixProduct, alpha: Float, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    beta: Float, _ c: UnsafeMutablePointer<Float>
  ) {
    blas.sgemm(shape, alpha: alpha, a, b, beta: beta, c)
  }
}

extension Double: TensorElement {
  public static var kernels: UnsafePointer<retort_kernels> { Kernels.double }

  public static func multiply(
    _ blas: BLAS, _ shape: MatrixProduct, alpha: Double, _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>,
    beta: Double, _ c: UnsafeMutablePointer<Double>
  ) {
    blas.dgemm(shape, alpha: alpha, a, b, beta: beta, c)
  }
}
