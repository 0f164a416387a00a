#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension Files {
  /// Whether this process may execute a file.
  public static func isExecutable(_ path: FilePath) -> Bool { path.withPlatformString { access($0, X_OK) == 0 } }

  /// The folder that relative paths count from.
  public static var currentFolder: FilePath {
    guard let path = getcwd(nil, 0) else { return "/" }
    defer { free(path) }
    return FilePath(platformString: path)
  }
}
