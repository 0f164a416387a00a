/// What decides the last bits of a computation beside its recipe: recorded with every execution, never part of a key.
public struct NumericsProfile: Hashable, Sendable, Codable {
  /// The kernels' instruction set, such as `avx512`.
  public var kernels: String
  /// The BLAS library with its version and core.
  public var blas: String
  /// `release` or `debug`.
  public var build: String

  public init(kernels: String, blas: String, build: String) {
    self.kernels = kernels
    self.blas = blas
    self.build = build
  }

  public static let unknown = NumericsProfile(kernels: "unknown", blas: "unknown", build: "unknown")
}
