import CKernels
import FoundationEssentials

/// The integer loops: one table an instruction set, the best of this machine chosen at first use (`RETORT_ISA` forces
/// one), and oneDNN where it is asked for.
///
/// Measured (Zen 4, 384 inputs, 1,536 outputs, Gop/s with dequantizing): own loops 314 at 13 rows and 287 at 416;
/// oneDNN with a second pass 196 and 273. Without VNNI oneDNN's product may saturate, so ours runs there in any case.
public enum Int8Kernels {
  nonisolated(unsafe) static let current = choice(Kernels.requested)

  /// `avx512` (with VNNI), `avx2` or `portable`.
  public static var instructionSet: String { String(cString: current.pointee.name) }

  /// Names of the tables that this machine can run.
  public static var instructionSets: [String] {
    ["avx512", "avx2", "portable"].filter { retort_int8_named($0) != nil }
  }

  static func choice(_ name: String?) -> UnsafePointer<retort_int8_kernels> { retort_int8_choice(name) }

  /// oneDNN, where `RETORT_INT8=onednn` asks for it and it is exact and installed.
  static let onednn: OneDNN? = {
    guard ProcessInfo.processInfo.environment["RETORT_INT8"] == "onednn", instructionSet == "avx512" else { return nil }
    return try? OneDNN.shared()
  }()
}

/// oneDNN's integer product, loaded at first use with one thread.
public final class OneDNN: Sendable {
  nonisolated(unsafe) let functions: UnsafePointer<retort_onednn>
  /// The file that was loaded.
  public let path: String
  /// Such as `2.6.3`.
  public var version: String {
    let numbers = functions.pointee.version
    return "\(numbers.0).\(numbers.1).\(numbers.2)"
  }

  /// - Throws: `TensorError.libraryMissing`, naming the package to install.
  public static func shared() throws(TensorError) -> OneDNN { try loaded.get() }

  private static let loaded = Result { () throws(TensorError) in
    try OneDNN(library: ProcessInfo.processInfo.environment["RETORT_ONEDNN"])
  }

  /// Binds a library by its path; nil takes the system's.
  public init(library: String?) throws(TensorError) {
    let functions = UnsafeMutablePointer<retort_onednn>.allocate(capacity: 1)
    var message = [CChar](repeating: 0, count: 512)
    guard retort_onednn_load(functions, library, &message, message.count) == 0 else {
      functions.deallocate()
      let bytes = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      throw .libraryMissing(
        library: "oneDNN", package: "libdnnl2 (or libdnnl-dev)", reason: String(decoding: bytes, as: UTF8.self))
    }
    self.functions = UnsafePointer(functions)
    path = withUnsafeBytes(of: functions.pointee.path) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
