import CKernels
import FoundationEssentials

/// OpenBLAS, loaded at first use with the kernel family that suits the CPU and one thread.
///
/// Parallelism is by shards (see `Graph`), never inside a product.
public final class BLAS: Sendable {
  nonisolated(unsafe) let functions: UnsafePointer<retort_blas>

  /// The one instance of this process: the library that `RETORT_OPENBLAS` names, or the system's.
  ///
  /// - Throws: `TensorError.libraryMissing`, naming the package to install.
  public static func shared() throws(TensorError) -> BLAS { try loaded.get() }

  /// Sets the variables that the library reads when it is loaded. A program that loads it on another thread calls this
  /// first, while it has only one.
  public static func chooseKernels() { retort_blas_choose() }

  private static let loaded = Result { () throws(TensorError) in
    try BLAS(library: ProcessInfo.processInfo.environment["RETORT_OPENBLAS"])
  }

  /// Binds a library by its path; nil takes the system's. `shared` is what work uses.
  public init(library path: String?) throws(TensorError) {
    let functions = UnsafeMutablePointer<retort_blas>.allocate(capacity: 1)
    var message = [CChar](repeating: 0, count: 512)
    guard retort_blas_load(functions, path, &message, message.count) == 0 else {
      functions.deallocate()
      let bytes = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      throw .libraryMissing(
        library: "OpenBLAS", package: "libopenblas0 (or libopenblas-dev)",
        reason: String(decoding: bytes, as: UTF8.self)
      )
    }
    self.functions = UnsafePointer(functions)
  }

  func sgemm(
    _ s: MatrixProduct, alpha: Float, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, beta: Float,
    _ c: UnsafeMutablePointer<Float>
  ) {
    guard s.rows > 0, s.columns > 0 else { return }
    functions.pointee.sgemm(
      Self.rowMajor, Self.flag(s.transposesLeft), Self.flag(s.transposesRight), Int32(s.rows), Int32(s.columns),
      Int32(s.depth), alpha, a, Int32(s.leftStride), b, Int32(s.rightStride), beta, c, Int32(s.resultStride))
  }

  func dgemm(
    _ s: MatrixProduct, alpha: Double, _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, beta: Double,
    _ c: UnsafeMutablePointer<Double>
  ) {
    guard s.rows > 0, s.columns > 0 else { return }
    functions.pointee.dgemm(
      Self.rowMajor, Self.flag(s.transposesLeft), Self.flag(s.transposesRight), Int32(s.rows), Int32(s.columns),
      Int32(s.depth), alpha, a, Int32(s.leftStride), b, Int32(s.rightStride), beta, c, Int32(s.resultStride))
  }

  private static let rowMajor = Int32(RETORT_ROW_MAJOR.rawValue)

  private static func flag(_ transposes: Bool) -> Int32 {
    Int32((transposes ? RETORT_TRANSPOSE : RETORT_NO_TRANSPOSE).rawValue)
  }
}
