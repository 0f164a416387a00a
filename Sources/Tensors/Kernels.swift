import CKernels

/// The tables of hot loops: one an instruction set, the best of this machine chosen at first use.
public enum Kernels {
  /// The float table in use. `RETORT_ISA=avx512|avx2|portable` forces one that the machine has.
  nonisolated(unsafe) public static let float: UnsafePointer<retort_kernels> = retort_kernels_float()
  nonisolated(unsafe) public static let double: UnsafePointer<retort_kernels> = retort_kernels_double()

  /// The instruction set in use: `avx512`, `avx2` or `portable`.
  public static var instructionSet: String { String(cString: float.pointee.name) }

  /// A named float table, or nil where this machine cannot run it.
  public static func named(_ name: String) -> UnsafePointer<retort_kernels>? { retort_kernels_float_named(name) }
}
