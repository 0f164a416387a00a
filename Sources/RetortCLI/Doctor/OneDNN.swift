import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Looks for oneDNN, whose integer products are a second opinion on Retort's own.
enum OneDNN {
  static let names = ["libdnnl.so.3", "libdnnl.so.2", "libdnnl.so"]

  /// The file's name and its version; nil where none is installed.
  static func find() -> (library: String, version: String)? {
    let named = ProcessInfo.processInfo.environment["RETORT_ONEDNN"].map { [$0] }
    for name in named ?? names {
      guard let library = dlopen(name, RTLD_LAZY | RTLD_LOCAL) else { continue }
      guard let symbol = dlsym(library, "dnnl_version") else { return (name, "unknown") }
      typealias Version = @convention(c) () -> UnsafePointer<CInt>?
      guard let numbers = unsafeBitCast(symbol, to: Version.self)() else { return (name, "unknown") }
      return (name, "\(numbers[0]).\(numbers[1]).\(numbers[2])")
    }
    return nil
  }
}
