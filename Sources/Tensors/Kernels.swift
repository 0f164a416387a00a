import CKernels
import FoundationEssentials

/// The tables of hot loops: one an instruction set, the best of this machine chosen at first use.
public enum Kernels {
  /// The float table in use. `RETORT_ISA=avx512|avx2|portable` forces one that the machine has.
  nonisolated(unsafe) public static let float = choice(requested)
  nonisolated(unsafe) public static let double: UnsafePointer<retort_kernels> = retort_kernels_double()

  /// The instruction set in use: `avx512`, `avx2` or `portable`.
  public static var instructionSet: String { String(cString: float.pointee.name) }

  /// What `RETORT_ISA` asks for; where it differs from `instructionSet`, the machine cannot run it.
  public static var requested: String? { ProcessInfo.processInfo.environment["RETORT_ISA"] }

  /// A named float table, or nil where this machine cannot run it.
  public static func named(_ name: String) -> UnsafePointer<retort_kernels>? { retort_kernels_float_named(name) }

  /// The named float table if the machine can run it, else its best.
  public static func choice(_ name: String?) -> UnsafePointer<retort_kernels> { retort_kernels_float_choice(name) }
}
