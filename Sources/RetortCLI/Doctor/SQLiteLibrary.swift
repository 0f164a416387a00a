#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The SQLite that this process is linked with.
enum SQLiteLibrary {
  static var version: String {
    guard let symbol = dlsym(dlopen(nil, RTLD_LAZY), "sqlite3_libversion") else { return "unknown" }
    typealias Version = @convention(c) () -> UnsafePointer<CChar>?
    return unsafeBitCast(symbol, to: Version.self)().map { String(cString: $0) } ?? "unknown"
  }
}
